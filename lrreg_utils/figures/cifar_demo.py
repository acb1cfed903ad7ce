"""The patch experiment in pictures: runs with their references, gaps, and images of the three groups."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lrreg_utils.figures.histories import (
    SHORT,
    STYLES,
    TITLES,
    UNITS,
    mark_anneal,
    plot_runs,
    show_pictures,
)
from lrreg_utils.figures.style import ALONE, PANEL, PATTERNS, PERCENT, head, label_lines, subplots
from lrreg_utils.results.history import History, by_schedule
from lrreg_utils.results.select import IMAGE_REMOVED, INERT, WITH_PATCH, of_mixture

Place = tuple[float, float]  # of a name: a share of its line's length, and points above it (below: negative)
RATES = ("large_lr", "small_lr")
GAP_COLORS = {WITH_PATCH: PATTERNS["patch"], INERT: "0.45"}
SHOWN = "image", "image\nwith patch", "patch\nalone", "patch,\nenlarged"
PLACES: dict[str, dict[str, Place]] = {
    "accuracy": {INERT: (0.78, 12), IMAGE_REMOVED: (0.75, -8)},
    "loss": {INERT: (0.72, -5), IMAGE_REMOVED: (0.55, 7)},
}


def with_references(histories: Sequence[History], unit: str = "accuracy") -> Figure:
    """One panel: test images at both rates with the patch, against the epoch, and their references.

    Dotted: the mean of the same rate where the patch is inert, and where the image behind it is removed.

    Args:
        histories: both rates with the patch, and both references at either rate.
        unit: ``accuracy`` or ``loss``.

    Raises:
        UserError: a mixture is missing.
    """
    fig, ax = subplots(figsize=PANEL)
    column = f"test_clean_{unit}"
    patched = by_schedule(of_mixture(histories, WITH_PATCH))
    for name in RATES:
        plot_runs(ax, patched[name], column, label=SHORT[name], **STYLES[name])
    for mixture, place in PLACES[unit].items():
        _reference(ax, of_mixture(histories, mixture), column, mixture, place)
    mark_anneal(ax, patched["large_lr"][0].config.schedule.anneal_epochs[0])
    head(ax, TITLES["test_clean"], xlabel="epoch", ylabel=UNITS[unit],
         ylim=PERCENT if unit == "accuracy" else (0, None))
    label_lines(ax)
    return fig


def _reference(ax: Axes, histories: Sequence[History], column: str, mixture: str, place: Place) -> None:
    """Draw one reference at both rates, with one name at the outer of the two lines."""
    runs = by_schedule(histories)
    means = [np.mean([run[column] for run in runs[name]], 0) for name in RATES]
    for name, mean in zip(RATES, means, strict=True):
        ax.plot(runs[name][0]["epoch"], mean, color=STYLES[name]["color"], linewidth=1.1, linestyle=":")
    share, points = place
    index = int(share * (len(means[0]) - 1))
    outer = np.maximum(*means) if points > 0 else np.minimum(*means)
    ax.annotate(mixture, (index + 1, outer[index]), (0, points), textcoords="offset points", fontsize=9,
                color="0.3", ha="center", va="bottom" if points > 0 else "top")


def gaps(found: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """One panel: how far the large rate ends ahead, a row for each experiment, a dot for each seed.

    Args:
        found: experiment to mixture (`WITH_PATCH`, `INERT`) to points by seed; the first names the mixtures.
    """
    fig, ax = subplots(figsize=ALONE, grid="x")
    for row, mixtures in enumerate(found.values()):
        for mixture, points in mixtures.items():
            color, mean = GAP_COLORS[mixture], np.mean(points)
            ax.plot(points, np.full(len(points), row), "o", color=color, alpha=0.35, markersize=5, mew=0)
            ax.plot(mean, row, "|", color=color, markersize=20, markeredgewidth=2.5)
            if row == 0:
                ax.annotate(mixture, (mean, row), (0, 13), textcoords="offset points", fontsize=10,
                            color=color, ha="center", bbox={"color": "white", "pad": 0.5})
    ax.axvline(0, color="0.45", linewidth=1)
    ax.set_yticks(range(len(found)), [fill(name, 16) for name in found], fontsize=10)
    ax.set_ylim(len(found) - 0.6, -0.75)
    head(ax, "Lead of the large rate at the end", xlabel="points of test accuracy")
    return fig


def groups(shown: Sequence[np.ndarray], names: Sequence[str], patch_size: int) -> Figure:
    """Images as the three groups show them, a row for each image; at the right, their patches enlarged.

    Args:
        shown: the images, with their patches, and the patches alone: float (images, H, W) or
            (images, H, W, 3) in [0, 1].
        names: of the images.
        patch_size: pixels of the patch in the top left corner.
    """
    columns = *shown, shown[1][:, :patch_size, :patch_size]
    fig = show_pictures({name: [column[row] for column in columns] for row, name in enumerate(names)}, SHOWN)
    for _, patched, alone, enlarged in np.reshape(fig.axes, (len(names), len(columns))):
        for ax in (patched, alone):
            ax.add_patch(Rectangle((-0.5, -0.5), patch_size, patch_size, fill=False,
                                   edgecolor=PATTERNS["patch"], linewidth=1.5))
        enlarged.spines[:].set(color=PATTERNS["patch"], linewidth=1.5)
    return fig
