"""Figures of what is learned when: example by example, over rates and patches, over the anneal epoch.

Every function returns the figure, which a notebook shows as the value of its cell.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import NAMES, STYLES, TITLES, UNITS, mark_anneal, plot_runs
from lrreg_utils.figures.style import WIDTH, head, legend_above, mark_chance, plot_against, plot_map, subplots
from lrreg_utils.results.history import History
from lrreg_utils.results.learning_order import ORDERS, Tracked, by_schedule, order_shares, share_learned
from lrreg_utils.results.measures import after, first_epoch
from lrreg_utils.results.select import WITH_PATCH, by_field, by_treatment, of_mixture, over_two, where

QUESTION_PANELS = (
    ("image", False, "Image alone, clean examples"),
    ("image", True, "Image alone, patched examples"),
    ("patch", True, "Patch alone, patched examples"),
)
LOSS_PANELS = {
    "image_patched_loss": "Image alone, patched examples",
    "test_clean_loss": TITLES["test_clean"],
}
KNOWN = {  # what a network knows: colour and line style, none of them a schedule's
    "images of clean examples": ("#E69F00", "-"),
    "images of patched examples": ("#CC79A7", "--"),
    "images never seen (test)": ("0.35", ":"),
    "patches": ("#56B4E9", "-."),
}
ORDER_COLORS = ("#E69F00", "#F0E442", "#56B4E9", "#8C4A00", "#0072B2", "0.8")
ORDER_HATCHES = ("", "--", "//", "", "//", "")
PROBE_STYLES = {
    "clean": ("#0072B2", "o", "-"),
    "patched": ("#009E73", "^", "--"),
    "patch_only": ("#E69F00", "s", "-."),
}

LENGTHS = {  # as `treatment_of` says: label and style
    "large_lr": ("large, annealed", STYLES["large_lr"]),
    "large_lr, lengths reset": ("the same, lengths put back", {"color": "#CC79A7", "linestyle": "-."}),
    "small_lr": ("small", STYLES["small_lr"]),
    "small_lr, weights x 6": ("small, weights 6 times as long", {"color": "#56B4E9", "linestyle": ":"}),
}


def plot_learned(runs: Sequence[Tracked]) -> Figure:
    """Share of the examples learned by each epoch, a panel a question and group, a line a schedule."""
    fig, axes = subplots(len(QUESTION_PANELS), 1, figsize=(WIDTH, 6.6), sharex=True)
    for ax, (question, patched, title) in zip(axes, QUESTION_PANELS, strict=True):
        for name, chosen in by_schedule(runs).items():
            shares = [share_learned(run.first(question)[run.patched == patched], len(run.hits[question]))
                      for run in chosen]
            _line(ax, np.stack(shares), label=NAMES.get(name, name), **STYLES.get(name, {}))
        _finish(ax, title, "learned (%)", runs)
        _percent(ax)
    return _close(fig, axes)


def plot_known(runs: Sequence[Tracked]) -> Figure:
    """What is recognized after each epoch, a panel a schedule, with test images for comparison."""
    schedules = by_schedule(runs)
    fig, axes = subplots(len(schedules), 1, sharex=True, squeeze=False,
                         figsize=(WIDTH, 1.65 * len(schedules) + 0.8))
    for ax, (name, chosen) in zip(axes[:, 0], schedules.items(), strict=True):
        measured = ([run.right("image", ~run.patched) for run in chosen],
                    [run.right("image", run.patched) for run in chosen],
                    [run.columns["test_clean_accuracy"] for run in chosen],
                    [run.right("patch", run.patched) for run in chosen])
        for (known, (color, dash)), values in zip(KNOWN.items(), measured, strict=True):
            _line(ax, np.stack(values), label=known, color=color, linestyle=dash)
        _finish(ax, NAMES.get(name, name), "right (%)", chosen)
        _percent(ax)
    return _close(fig, axes[:, 0])


def plot_losses(runs: Sequence[Tracked]) -> Figure:
    """Cross entropy on images alone, of patched examples and of the test split; a line a schedule."""
    fig, axes = subplots(len(LOSS_PANELS), 1, figsize=(WIDTH, 4.8), sharex=True)
    for ax, (column, title) in zip(axes, LOSS_PANELS.items(), strict=True):
        for name, chosen in by_schedule(runs).items():
            _line(ax, np.stack([run.columns[column] for run in chosen]), label=NAMES.get(name, name),
                  **STYLES.get(name, {}))
        _finish(ax, title, UNITS["loss"], runs)
    return _close(fig, axes)


def plot_orders(runs: Sequence[Tracked]) -> Figure:
    """Patched examples by what was learned first of them, a bar a schedule, mean over seeds."""
    schedules = by_schedule(runs)
    fig, ax = subplots(figsize=(WIDTH, 3.2), grid=None)
    places = np.arange(len(schedules))[::-1]
    left = np.zeros(len(schedules))
    shares = [[order_shares(run.first("image")[run.patched], run.first("patch")[run.patched])
               for run in chosen] for chosen in schedules.values()]
    for order, color, hatch in zip(ORDERS, ORDER_COLORS, ORDER_HATCHES, strict=True):
        means = np.array([np.mean([one[order] for one in seeds]) for seeds in shares])
        ax.barh(places, means, left=left, color=color, hatch=hatch, edgecolor="white", label=order)
        for place, start, mean in zip(places, left, means, strict=True):
            if mean >= 6:
                dark = color in ("#8C4A00", "#0072B2")
                ax.text(start + mean / 2, place, f"{mean:.0f}", ha="center", va="center", fontsize=9,
                        color="white" if dark else "black")
        left += means
    ax.set(xlim=(0, 100), xlabel="patched examples (%)")
    ax.set_yticks(places, [NAMES.get(name, name).replace(", ", ",\n") for name in schedules])
    ax.spines[["top", "right", "left"]].set_visible(False)
    legend_above(fig, 3)
    return fig


def plot_rate_strength(histories: Sequence[History]) -> Figure:
    """Maps over first rate and patch strength: what is known at the end, and when the patch was read."""
    more_than_half = np.nextafter(50, 100)
    panels = (
        ("Test images without a patch, at the end: % right", after("test_clean_accuracy"), ".0f", "viridis"),
        ("Test images without a patch, at the end: loss", after("test_clean_loss"), ".2f", "viridis_r"),
        ("Patches without an image, at the end: % right", after("test_patch_only_accuracy"), ".0f",
         "cividis"),
        ("First epoch with more than 50 % of patches read",
         lambda run: first_epoch(run, "test_patch_only_accuracy", more_than_half), ".0f", "magma"),
    )
    fig, axes = subplots(len(panels), 1, figsize=(WIDTH, 8.2), sharex=True, grid=None)
    for ax, (title, measure, text, colors) in zip(axes, panels, strict=True):
        rates, strengths, values = over_two(histories, "schedule.initial_lr", "patch_strength", measure)
        plot_map(ax, rates, strengths, values.mean(2), text, cmap=colors)
        _mark_missing(ax, values)
        head(ax, title, ylabel="patch strength")
    axes[-1].set_xlabel("first learning rate")
    return fig


def plot_anneal_epochs(histories: Sequence[History], lowered: Sequence[History] = ()) -> Figure:
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
            epochs, values = by_field(annealed, "schedule.anneal_epochs", after(column))
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


def plot_lengths(histories: Sequence[History]) -> Figure:
    """With the weights' lengths put back, or long from the start: images, patches, and the effective rate."""
    groups = by_treatment(of_mixture(histories, WITH_PATCH))
    fig, axes = subplots(3, 1, figsize=(WIDTH, 6.8), sharex=True)
    for name, (label, style) in LENGTHS.items():
        runs = groups[name]
        for ax, probe in zip(axes, ("test_clean", "test_patch_only"), strict=False):
            plot_runs(ax, runs, f"{probe}_accuracy", label=label, **style)
            head(ax, TITLES[probe], ylabel=UNITS["accuracy"])
        _line(axes[2], np.stack([run["lr"] / run["weight_length"] ** 2 for run in runs]), **style)
    head(axes[2], "Rate over the squared length of a unit's weights", ylabel="effective rate", yscale="log")
    mark_chance(axes[1])
    for ax in axes:
        mark_anneal(ax, groups["large_lr"][0].config.schedule.anneal_epochs[0])
    return _close(fig, axes)


def _line(ax: Axes, values: np.ndarray, **style) -> None:
    """Mean and range over the first axis of (seeds, epochs)."""
    plot_against(ax, np.arange(1, values.shape[1] + 1), values.T, **style)


def _finish(ax: Axes, title: str, unit: str, runs: Sequence[Tracked]) -> None:
    for epoch in {run.anneal_epoch for run in runs} - {None}:
        mark_anneal(ax, epoch)
    head(ax, title, ylabel=unit)


def _percent(ax: Axes) -> None:
    """0 to 100, with room above for the word at the anneal, and a faint line at chance."""
    mark_chance(ax)
    ax.set(ylim=(-3, 122), yticks=range(0, 101, 25))


def _close(fig: Figure, axes: Sequence[Axes]) -> Figure:
    axes[-1].set_xlabel("epoch")
    legend_above(fig)
    return fig


def _mark_missing(ax: Axes, values: np.ndarray) -> None:
    """Say in each cell without a mean how many seeds have a value."""
    for row, column in zip(*np.nonzero(np.isnan(values.mean(2))), strict=True):
        found, seeds = np.isfinite(values[row, column]).sum(), values.shape[2]
        text = f"{found} of {seeds}" if found else "never"
        ax.text(column, row, text, ha="center", va="center", fontsize=8)
