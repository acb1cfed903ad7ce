"""Examples of the groups, and figures over settings: maps over rate and patch, lines over the anneal epoch.

Every function returns the figure, which a notebook shows as the value of its cell.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lrreg_utils.figures.histories import TITLES, UNITS, show_pictures
from lrreg_utils.figures.style import WIDTH, head, legend_above, mark_chance, plot_against, plot_map, subplots
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import first_above
from lrreg_utils.results.select import Measure, by_field, over_two, where

PROBE_STYLES = {
    "clean": ("#0072B2", "o", "-"),
    "patched": ("#009E73", "^", "--"),
    "patch_only": ("#E69F00", "s", "-."),
}


def show_examples(rows: Mapping[str, ArrayLike], classes: Sequence[str]) -> Figure:
    """Draw examples as a network sees them, one row for each entry and one column for each class.

    Args:
        rows: name to float (classes, channels, H, W) in normalized units; the first channel is drawn.
    """
    low, high = -4, 6  # black and white: patches go beyond the range of the images
    return show_pictures({name: np.clip((np.asarray(pixels)[:, 0] - low) / (high - low), 0, 1)
                          for name, pixels in rows.items()}, classes)


def draw_rate_strength(histories: Sequence[History], level: float = 50) -> Figure:
    """Maps over first rate and patch strength: what is known at the end, and when the patch was read.

    Args:
        level: percent of patches alone, beyond which the patch counts as read.
    """
    panels = (
        ("Test images without a patch, at the end: % right", _last("test_clean_accuracy"), ".0f", "viridis"),
        ("Test images without a patch, at the end: loss", _last("test_clean_loss"), ".2f", "viridis_r"),
        ("Patches without an image, at the end: % right", _last("test_patch_only_accuracy"), ".0f",
         "cividis"),
        (f"First epoch with more than {level:g} % of patches read",
         lambda run: first_above(run, "test_patch_only_accuracy", level), ".0f", "magma"),
    )
    fig, axes = subplots(len(panels), 1, figsize=(WIDTH, 8.2), sharex=True, grid=None)
    for ax, (title, measure, text, colors) in zip(axes, panels, strict=True):
        rates, strengths, values = over_two(histories, "schedule.initial_lr", "patch_strength", measure)
        plot_map(ax, rates, strengths, values.mean(2), text, cmap=colors)
        _mark_missing(ax, values)
        head(ax, title, ylabel="patch strength")
    axes[-1].set_xlabel("first learning rate")
    return fig


def draw_anneal_epochs(histories: Sequence[History], lowered: Sequence[History] = ()) -> Figure:
    """Accuracy and loss at the end against the anneal epoch, and where the rate is never lowered.

    Args:
        histories: runs of ``large_lr`` and of ``large_lr_constant``.
        lowered: runs at the lower rate from the first epoch on, as many as of each anneal epoch.
    """
    fig, axes = subplots(2, 1, figsize=(WIDTH, 5.6), sharex=True)
    annealed, never = where(histories, schedule="large_lr"), where(histories, schedule="large_lr_constant")
    for ax, unit in zip(axes, UNITS, strict=True):
        for probe, (color, marker, dash) in PROBE_STYLES.items():
            column = f"test_{probe}_{unit}"
            epochs, values = by_field(annealed, "schedule.anneal_epochs", _last(column))
            if lowered:
                epochs, values = [(1,), *epochs], np.vstack([[run.at(column, -1) for run in lowered], values])
            places = np.arange(len(epochs))
            plot_against(ax, places, values, color=color, marker=marker, linestyle=dash,
                         label=TITLES[f"test_{probe}"])
            ends = [run.at(column, -1) for run in never]
            ax.vlines(len(epochs) + 0.5, min(ends), max(ends), color=color, linewidth=2)
            ax.plot(len(epochs) + 0.5, np.mean(ends), marker, color=color)
        ax.set_ylabel(UNITS[unit])
    mark_chance(axes[0])
    axes[0].set_ylim(0, 103)
    axes[1].set_xticks([*places, len(epochs) + 0.5], [*(str(epoch) for (epoch,) in epochs), "never"])
    axes[1].set_xlabel("first epoch at the lower rate")
    legend_above(fig)
    return fig


def _last(column: str) -> Measure:
    return lambda run: run.at(column, -1)


def _mark_missing(ax: Axes, values: np.ndarray) -> None:
    """Say in each cell without a mean how many seeds have a value."""
    for row, column in zip(*np.nonzero(np.isnan(values.mean(2))), strict=True):
        found, seeds = np.isfinite(values[row, column]).sum(), values.shape[2]
        text = f"{found} of {seeds}" if found else "never"
        ax.text(column, row, text, ha="center", va="center", fontsize=8)
