"""The patch experiment in pictures: the runs with their references, and photographs of the three groups."""

from collections.abc import Mapping, Sequence

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
from lrreg_utils.figures.style import PANEL, PATTERNS, PERCENT, head, label_lines, subplots
from lrreg_utils.results.history import History, by_schedule
from lrreg_utils.results.select import IMAGE_REMOVED, INERT, WITH_PATCH, of_mixture

Place = tuple[float, float]  # of a name: a share of its line's length, and points above it (below: negative)
RATES = ("large_lr", "small_lr")
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


def photographs(rows: Mapping[str, np.ndarray], classes: Sequence[str], patch_size: int) -> Figure:
    """Photographs as the three groups show them, one column for each; below, their patches enlarged.

    Args:
        rows: ``image``, ``image with patch``, ``patch alone``: float (columns, H, W, 3) in [0, 1].
        patch_size: pixels of the patch in the top left corner.
    """
    corner = rows["image with patch"][:, :patch_size, :patch_size]
    fig = show_pictures({**rows, "patch, enlarged": corner}, classes)
    axes = np.reshape(fig.axes, (len(rows) + 1, len(classes)))
    for ax in axes[1:3].flat:
        ax.add_patch(Rectangle((-0.5, -0.5), patch_size, patch_size, fill=False, edgecolor=PATTERNS["patch"],
                               linewidth=1.5))
    for ax in axes[3]:
        ax.spines[:].set(color=PATTERNS["patch"], linewidth=1.5)
    return fig
