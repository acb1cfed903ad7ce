"""Figures of what is learned when, example by example. No torch.

Every function returns the figure, which a notebook shows as the value of its cell.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lrreg_utils.figures.histories import NAMES, STYLES, TITLES, UNITS, mark_anneal
from lrreg_utils.figures.style import WIDTH, head, legend_above, mark_chance, plot_against, subplots
from lrreg_utils.results.learning_order import (
    ORDERS,
    STEADY,
    Tracked,
    of_schedule,
    order_shares,
    share_learned,
)

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


def draw_learned(runs: Sequence[Tracked], steady: int = STEADY) -> Figure:
    """Share of the examples learned by each epoch, a panel a question and group, a line a schedule."""
    fig, axes = subplots(len(QUESTION_PANELS), 1, figsize=(WIDTH, 6.6), sharex=True)
    for ax, (question, patched, title) in zip(axes, QUESTION_PANELS, strict=True):
        for name, chosen in _by_schedule(runs).items():
            shares = [share_learned(run.first(question, steady)[run.patched == patched], _epochs(run))
                      for run in chosen]
            _line(ax, np.stack(shares), label=NAMES.get(name, name), **STYLES.get(name, {}))
        _finish(ax, title, "learned (%)", runs)
        _percent(ax)
    return _close(fig, axes)


def draw_known(runs: Sequence[Tracked]) -> Figure:
    """What is recognized after each epoch, a panel a schedule, with test images for comparison."""
    schedules = _by_schedule(runs)
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


def draw_losses(runs: Sequence[Tracked]) -> Figure:
    """Cross entropy on images alone, of patched examples and of the test split; a line a schedule."""
    fig, axes = subplots(len(LOSS_PANELS), 1, figsize=(WIDTH, 4.8), sharex=True)
    for ax, (column, title) in zip(axes, LOSS_PANELS.items(), strict=True):
        for name, chosen in _by_schedule(runs).items():
            _line(ax, np.stack([run.columns[column] for run in chosen]), label=NAMES.get(name, name),
                  **STYLES.get(name, {}))
        _finish(ax, title, UNITS["loss"], runs)
    return _close(fig, axes)


def draw_orders(runs: Sequence[Tracked], steady: int = STEADY) -> Figure:
    """Patched examples by what was learned first of them, a bar a schedule, mean over seeds."""
    schedules = _by_schedule(runs)
    fig, ax = subplots(figsize=(WIDTH, 3.2), grid=None)
    places = np.arange(len(schedules))[::-1]
    left = np.zeros(len(schedules))
    shares = [[order_shares(run.first("image", steady)[run.patched], run.first("patch", steady)[run.patched])
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


def _by_schedule(runs: Sequence[Tracked]) -> dict[str, list[Tracked]]:
    known = [name for name in STYLES if any(run.schedule == name for run in runs)]
    names = dict.fromkeys([*known, *(run.schedule for run in runs)])
    return {name: of_schedule(runs, name) for name in names}


def _epochs(run: Tracked) -> int:
    return len(run.hits["image"])


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
