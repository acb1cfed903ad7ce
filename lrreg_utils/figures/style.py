"""The one style of the book's figures, and what many of them share. No torch."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrreg_utils.book.display import show_as_drawing

WIDTH = 6.4  # inches, of a drawing that needs the whole column
PANEL = (3.4, 2.7)  # inches, of one of two that stand side by side, and one above the other on a phone
ALONE = (4.0, 2.9)  # inches, of a panel that stands alone
PERCENT = (0, 103)  # limits of an axis of accuracy: panels beside each other share them
# The two patterns, in every figure and in the text; schedules have their colours in `histories.STYLES`
PATTERNS = {"image": "#3F5566", "patch": "#C2247A"}
ABOVE = "above"  # what a word over the panel is known by
CHANCE = {"accuracy": 10.0, "loss": np.log(10)}  # of ten equally likely classes


class BookFigure(Figure):
    """A figure that a notebook shows as a drawing (SVG), or, of photographs, as a picture for sharp screens.

    A class of its own, because notebooks set the formatter of ``Figure`` after every first cell.
    """

    photographs = False  # what it shows must not change its colours in a page's dark theme


def subplots(rows: int = 1, columns: int = 1, *, figsize: tuple[float, float], grid: str | None = "y",
             **options) -> tuple[BookFigure, Axes | np.ndarray]:
    """A figure in the book's style, and its panels: two spines, a faint grid. pyplot knows nothing of it.

    Args:
        figsize: width and height, inches.
        grid: axis whose ticks have grid lines; None keeps all four spines and draws no grid.
        options: passed to ``Figure.subplots``.
    """
    show_as_drawing(BookFigure)
    figure = BookFigure(figsize=figsize, layout="constrained")
    panels = figure.subplots(rows, columns, **options)
    for ax in figure.axes if grid else ():
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis=grid, alpha=0.25)
    return figure, panels


def head(ax: Axes, title: str, **axes) -> None:
    """Write a panel's title at its left, and what ``Axes.set`` takes: ``xlabel``, ``ylim`` and so on.

    Marks of `mark_x` come before: the title stands above them.
    """
    marked = any(text.get_gid() == ABOVE for text in ax.texts)
    ax.set_title(title, fontsize=10, loc="left", pad=16 if marked else 6)
    ax.set(**axes)


def label_lines(ax: Axes, size: float = 9) -> None:
    """Write each labelled line's name at its right end, in its colour, and no name over another.

    Args:
        size: of the letters, points.
    """
    ax.margins(x=0.02)
    ax.figure.draw_without_rendering()  # the scale of the axes is known from here on
    lines = [line for line in ax.lines if not line.get_label().startswith("_")]
    lines.sort(key=lambda line: line.get_ydata()[-1])
    points = 72 / ax.figure.dpi
    ends = [points * ax.transData.transform((0, line.get_ydata()[-1]))[1] for line in lines]
    places = _spread(ends, [1.3 * size * (1 + line.get_label().count("\n")) for line in lines])
    for line, end, place in zip(lines, ends, places, strict=True):
        ax.annotate(line.get_label(), (1, line.get_ydata()[-1]), (4, place - end), ("axes fraction", "data"),
                    "offset points", color=line.get_color(), fontsize=size, va="center",
                    annotation_clip=False)


def _spread(places: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Ascending places moved apart until nothing of these heights overlaps."""
    stacks: list[tuple[float, list[float]]] = []  # the middle of what touches, and the heights in it
    for place, height in zip(places, heights, strict=True):
        stacks.append((place, [height]))
        while len(stacks) > 1 and _overlap(*stacks[-2:]):
            (low, below), (high, above) = stacks[-2:]
            middle = (low * len(below) + high * len(above)) / (len(below) + len(above))
            stacks[-2:] = [(middle, below + above)]
    return [middle - sum(stack) / 2 + sum(stack[:index]) + stack[index] / 2
            for middle, stack in stacks for index in range(len(stack))]


def _overlap(lower: tuple[float, list[float]], upper: tuple[float, list[float]]) -> bool:
    return upper[0] - lower[0] < (sum(lower[1]) + sum(upper[1])) / 2


def mark_x(ax: Axes, x: float, text: str) -> None:
    """Draw an upright line at ``x``, and a word above its top, where no curve comes."""
    ax.axvline(x, color="0.45", linewidth=1)
    ax.annotate(text, (x, 1), (0, 2), ("data", "axes fraction"), "offset points", fontsize=9, color="0.3",
                ha="center", gid=ABOVE)


def mark_y(ax: Axes, y: float, text: str, linestyle="-") -> None:
    """Draw a level line at ``y``; its name is written by `label_lines`, at its end, where no curve comes."""
    ax.axhline(y, color="0.45", linewidth=0.8, linestyle=linestyle, label=text, zorder=0)


def mark_chance(ax: Axes, chance: float = CHANCE["accuracy"]) -> None:
    """Draw where guessing is."""
    mark_y(ax, chance, "chance", (0, (2, 3)))


def ordered(count: int) -> np.ndarray:
    """Colours of an ordered quantity, float (count, 4): the part of viridis that is read on white."""
    return colormaps["viridis"](np.linspace(0, 0.55, count))


def plot_against(ax: Axes, xs: Sequence[float], values: np.ndarray, **style) -> None:
    """Draw the mean over seeds against ``xs``, and a band from the lowest seed to the highest.

    Args:
        values: float (xs, seeds).
        style: passed to matplotlib's ``plot``.
    """
    (line,) = ax.plot(xs, np.mean(values, 1), linewidth=1.8, **style)
    ax.fill_between(xs, np.min(values, 1), np.max(values, 1), color=line.get_color(), alpha=0.18, linewidth=0)
