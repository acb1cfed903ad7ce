"""The one style of the book's figures."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WIDTH = 6.4  # inches; the font stays readable when a phone shrinks this to its screen


class BookFigure(Figure):
    """A figure that a notebook shows as `book.display.use_book_style` says.

    A class of its own, because notebooks set the formatter of ``Figure`` after every first cell.
    """

    photographs = False  # what it shows must not change its colours in a page's dark theme


def subplots(*shape: int, **options):
    """``plt.subplots`` in the book's style; close the figure before it is returned."""
    return plt.subplots(*shape, FigureClass=BookFigure, layout="constrained", **options)


def plot_against(ax: Axes, xs: Sequence[float], values: np.ndarray, **style) -> None:
    """Draw the mean over seeds against ``xs``, and a band from the lowest seed to the highest.

    Args:
        values: float (xs, seeds).
        style: passed to matplotlib's ``plot``.
    """
    (line,) = ax.plot(xs, np.mean(values, 1), linewidth=1.8, **style)
    ax.fill_between(xs, np.min(values, 1), np.max(values, 1), color=line.get_color(), alpha=0.18, linewidth=0)


def plot_map(ax: Axes, columns: Sequence, rows: Sequence, values: np.ndarray, text: str = ".0f", **style):
    """A heat map with each mean written in its cell; gives the image, for a colour bar.

    Args:
        columns, rows: what the cells stand for, written at the axes.
        values: float (rows, columns); NaN stays empty.
        text: format of the numbers.
        style: passed to matplotlib's ``imshow``.
    """
    image = ax.imshow(values, aspect="auto", origin="lower", **({"cmap": "viridis"} | style))
    ax.set_xticks(range(len(columns)), [f"{column:g}" for column in columns])
    ax.set_yticks(range(len(rows)), [f"{row:g}" for row in rows])
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            dark = sum(image.cmap(image.norm(value))[:3]) < 1.5
            ax.text(column, row, format(value, text), ha="center", va="center", fontsize=8,
                    color="white" if dark else "black")
    return image
