"""The patch experiment in pictures: examples of the three groups, and the runs with their references."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lrreg_utils.figures.histories import NAMES, STYLES, TITLES, UNITS, mark_anneal, plot_runs, show_pictures
from lrreg_utils.figures.style import CHANCE, head, mark_chance, subplots
from lrreg_utils.results.history import History, by_schedule
from lrreg_utils.results.select import IMAGE_REMOVED, INERT, WITH_PATCH, of_mixture

Place = tuple[float, float]  # of a label: a share of its line's length, and points above it (below: negative)
NARROW = 5.0  # inches: labels stand at the lines, and a phone shows them larger
RATES = ("large_lr", "small_lr")
REFERENCES = {INERT: "inert patch (dotted)", IMAGE_REMOVED: "image removed (dotted)"}
IMAGE_LABELS = {
    "accuracy": {INERT: (0.7, 11), IMAGE_REMOVED: (0.7, -17), "large_lr": (0.6, -8), "small_lr": (0.3, -9)},
    "loss": {INERT: (0.72, -6), IMAGE_REMOVED: (0.42, 24), "large_lr": (0.28, 13), "small_lr": (0.85, 8)},
}
PATCH_LABELS = {
    "accuracy": {"large_lr": (0.5, 9), "small_lr": (0.6, -8), "large_lr_constant": (0.6, 8)},
    "loss": {"large_lr": (0.6, -8), "small_lr": (0.6, 8), "large_lr_constant": (0.45, 9)},
}


def show_examples(rows: Mapping[str, ArrayLike], classes: Sequence[str]) -> Figure:
    """Draw examples as a network sees them, one row for each entry and one column for each class.

    Args:
        rows: name to float (classes, channels, H, W) in normalized units; the first channel is drawn.
    """
    low, high = -4, 6  # black and white: patches go beyond the range of the images
    return show_pictures({name: np.clip((np.asarray(pixels)[:, 0] - low) / (high - low), 0, 1)
                          for name, pixels in rows.items()}, classes)


def with_references(histories: Sequence[History], unit: str = "accuracy") -> Figure:
    """Draw the patch experiment against the epoch: test images above, patches below.

    Dotted in the upper panel: the mean of the same rate where the patch is inert, and where the image is
    removed behind it.

    Args:
        histories: the compared schedules with the patch, and both references at either rate.
        unit: ``accuracy`` or ``loss``.

    Raises:
        UserError: a mixture is missing.
    """
    fig, (images, patches) = subplots(2, 1, figsize=(NARROW, 5.8), sharex=True, height_ratios=(3, 2))
    for mixture in REFERENCES:
        _reference(images, of_mixture(histories, mixture), f"test_clean_{unit}", mixture)
    patched = by_schedule(of_mixture(histories, WITH_PATCH))
    panels = (images, "test_clean", IMAGE_LABELS), (patches, "test_patch_only", PATCH_LABELS)
    for ax, part, labels in panels:
        _schedules(ax, patched, f"{part}_{unit}", labels[unit])
        head(ax, TITLES[part], ylabel=UNITS[unit])
    mark_chance(patches, CHANCE[unit])
    patches.set_xlabel("epoch")
    return fig


def _schedules(ax: Axes, runs: Mapping[str, list[History]], column: str, labels: Mapping[str, Place]) -> None:
    """Draw each schedule that has a label, with that label, and the anneal."""
    for name in [name for name in labels if name in runs]:
        plot_runs(ax, runs[name], column, **STYLES[name])
        _label(ax, _mean(runs[name], column), NAMES[name], labels[name], STYLES[name]["color"])
    mark_anneal(ax, runs["large_lr"][0].config.schedule.anneal_epochs[0])


def _reference(ax: Axes, histories: Sequence[History], column: str, mixture: str) -> None:
    """Draw one reference at both rates, with one label at the outer of the two lines."""
    runs, place = by_schedule(histories), IMAGE_LABELS[column.rsplit("_", 1)[1]][mixture]
    means = {name: _mean(runs[name], column) for name in RATES}
    for name, mean in means.items():
        ax.plot(runs[name][0]["epoch"], mean, color=STYLES[name]["color"], linewidth=1.1, linestyle=":")
    outer = np.maximum if place[1] > 0 else np.minimum
    _label(ax, outer(*means.values()), REFERENCES[mixture], place, "0.3")


def _mean(runs: Sequence[History], column: str) -> np.ndarray:
    return np.mean([run[column] for run in runs], 0)


def _label(ax: Axes, line: np.ndarray, text: str, place: Place, color: str) -> None:
    """Write a line's name at a share of its length, so many points above or below it."""
    share, points = place
    index = int(share * (len(line) - 1))
    ax.annotate(text, (index + 1, line[index]), (0, points), textcoords="offset points", fontsize=10,
                color=color, ha="center", va="bottom" if points > 0 else "top")
