"""How soon the image and the patch are fitted, each alone; the patch in parts, what reads it. No torch."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle
from numpy.typing import ArrayLike

from lrreg_utils.book.display import LABELS
from lrreg_utils.figures.histories import UNITS
from lrreg_utils.figures.style import (
    ALONE,
    CHANCE,
    PANEL,
    PATTERNS,
    PERCENT,
    head,
    label_lines,
    mark_chance,
    mark_y,
    plot_against,
    subplots,
)
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import curve, steps
from lrreg_utils.results.select import by_kind

KINDS = {"images": "image", "patches": "patch"}
RATES = {"small_lr": "At the small rate", "large_lr_constant": "At the large rate"}
FITTED = 80  # percent: from here on a pattern counts as fitted
DARK, BRIGHT = -2.5, 2.5  # black and white of pictures, in normalized units
PARTS = "$z + v_c$", "$z - v_c$", "$z$", "$v_c$"


def fitting(histories: Sequence[History], rate: str, unit: str = "accuracy", until: int = 400) -> Figure:
    """One panel: training accuracy or loss on the image alone and on the patch alone, against the steps.

    Args:
        histories: runs of images alone and patches alone, of one size of the training set.
        rate: the schedule, ``small_lr`` or ``large_lr_constant``.
        until: the last step that is drawn.
    """
    fig, ax = subplots(figsize=PANEL)
    for kind, name in KINDS.items():
        runs = by_kind(histories)[kind, rate]
        count = sum(steps(runs[0]) <= until)
        values = np.stack([curve(run, "train", unit)[:count] for run in runs], axis=1)
        plot_against(ax, steps(runs[0])[:count], values, label=name, color=PATTERNS[name])
    if unit == "accuracy":
        mark_y(ax, FITTED, f"{FITTED} %", (0, (4, 2)))
    mark_chance(ax, CHANCE[unit])
    head(ax, RATES[rate], xlabel="steps", ylabel=f"training {UNITS[unit]}",
         ylim=PERCENT if unit == "accuracy" else (0, 2.5))
    label_lines(ax)
    return fig


def fixed_examples(
    sizes: Sequence[int], measured: Mapping[str, np.ndarray], unit: str = "accuracy"
) -> Figure:
    """One panel: accuracy or loss of rules on new examples against the number that they were trained on.

    Args:
        measured: ``KIND, RULE`` to float (2, sizes, seeds): accuracy in percent, then loss in nats.
    """
    fig, ax = subplots(figsize=ALONE)
    for key, values in measured.items():
        kind, rule = key.split(", ")
        look = {"label": f"{KINDS[kind]}, linear", "linestyle": ":"} if rule == "linear" else {
            "label": KINDS[kind], "marker": "o", "markersize": 4}
        plot_against(ax, sizes, values[list(UNITS).index(unit)], color=PATTERNS[KINDS[kind]], **look)
    if unit == "accuracy":  # in nats its name would push the others apart
        mark_chance(ax)
    head(ax, "New examples", xscale="log", xlabel="training examples, drawn once", ylabel=UNITS[unit])
    ax.set_ylim(PERCENT if unit == "accuracy" else (0, None))
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    label_lines(ax)
    return fig


def anatomy(example: ArrayLike, z: ArrayLike, v: ArrayLike) -> Figure:
    """An example with its patch in the top left corner, both patches of its class enlarged, and their parts.

    Args:
        example: float (H, W), normalized.
        z: float (h, w), the square that all classes share.
        v: float (h, w), that of the example's class.
    """
    z, v = np.asarray(z), np.asarray(v)
    fig, axes = subplots(2, 4, figsize=(ALONE[0], 2.7), grid=None)
    large = fig.add_subplot(axes[0, 0].get_gridspec()[:, :2])
    for ax in axes[:, :2].flat:
        ax.remove()
    squares, size = dict(zip(PARTS, (z + v, z - v, z, v), strict=True)), len(z)
    corner = np.asarray(example)[:size, :size]
    own, other = sorted(PARTS[:2], key=lambda name: np.square(corner - squares[name]).sum())
    for name, ax in zip((own, other, *PARTS[2:]), axes[:, 2:].T.flat, strict=True):
        _picture(ax, squares[name], PATTERNS["patch"])
        ax.set_xlabel(name, fontsize=11)
    _picture(large, example, LABELS)
    large.set_xlabel("image with its patch", fontsize=10)
    large.add_patch(Rectangle((-0.5, -0.5), size, size, fill=False, edgecolor=PATTERNS["patch"], linewidth=2))
    arrow = ConnectionPatch(
        (size - 0.3, size / 2 - 0.5), (-0.15, 0.5), "data", "axes fraction", axesA=large, axesB=axes[0, 2],
        arrowstyle="->", color=PATTERNS["patch"], linewidth=1.8, mutation_scale=14)
    arrow.set_in_layout(False)
    fig.add_artist(arrow)
    fig.photographs = True
    return fig


def _picture(ax: Axes, pixels: ArrayLike, edge: str) -> None:
    ax.imshow(pixels, cmap="gray", vmin=DARK, vmax=BRIGHT)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color(edge)


def regions(rule: Callable[[np.ndarray], np.ndarray], title: str) -> Figure:
    """One panel: which of two classes a rule gives to every place of a plane, and both patches of each.

    Class 0 sits at 1 and -1 on the first axis, class 1 on the second; the origin is ``z``.

    Args:
        rule: a function of float32 (N, 2) that is true for class 1; where it is wrong is a cross.
    """
    side = np.linspace(-2, 2, 161, dtype=np.float32)
    plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    points = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], dtype=np.float32)
    fig, ax = subplots(figsize=PANEL, grid=None)
    ax.imshow(rule(plane).reshape(161, 161), extent=(-2, 2, -2, 2), origin="lower", vmin=0, vmax=1,
              cmap=ListedColormap(["0.95", "0.82"]), interpolation="nearest")
    ax.plot(0, 0, "+", color="0.3", markersize=10)
    ax.annotate("$z$", (0, 0), (4, 4), textcoords="offset points", fontsize=10)
    right = rule(points) == (0, 0, 1, 1)
    for (x, y), label, fits in zip(points, ("+v_0", "-v_0", "+v_1", "-v_1"), right, strict=True):
        ax.plot(x, y, "o" if label.endswith("0") else "s", color=PATTERNS["patch"], markersize=8)
        ax.annotate(f"$z {label}$", (x, y), (0, 11), textcoords="offset points", fontsize=10, ha="center",
                    color=PATTERNS["patch"])
        if not fits:
            ax.plot(x, y, "x", color="black", markersize=16, markeredgewidth=2)
    head(ax, f"{title}: {sum(right)} of 4", xticks=(), yticks=(), xlabel="first pixel", ylabel="second pixel")
    return fig
