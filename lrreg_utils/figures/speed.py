"""Figures of speed: ratios of times, and what 16-bit numbers learn."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from lrreg_utils.book.speed import Ratio
from lrreg_utils.figures.histories import SHORT, STYLES, TITLES, UNITS, mark_anneal, plot_runs
from lrreg_utils.figures.style import ALONE, PANEL, head, label_lines, subplots
from lrreg_utils.results.history import History
from lrreg_utils.results.select import where

NAMES = {"L1": "load a batch", "C1": "a step in 16 bits", "G1": "sums by group", "A1": "the trainer",
         "T1": "64 seeds at once", "M2": "GPU: CUDA graph", "E1b": "GPU: epoch, 16-4",
         "M1": "GPU: share of peak", "E1": "GPU: epoch, 16-10"}
BITS = {"float32": ("32 bits", "-"), "bfloat16": ("16 bits", ":")}


def plot_ratios(ratios: Sequence[Ratio]) -> Figure:
    """Each median as a point with its extremes, and its bar as an upright stroke; logarithmic axis."""
    figure, ax = subplots(figsize=ALONE, grid="x")
    places = range(len(ratios) - 1, -1, -1)  # the first on top
    ax.hlines(places, [one.low for one in ratios], [one.high for one in ratios], color="0.7", linewidth=4)
    ax.plot([one.ratio for one in ratios], places, "o", color="0.25")
    ax.plot([one.bar for one in ratios], places, "|", color="black", markersize=18, markeredgewidth=1.5)
    ax.axvline(1, color="0.6", linewidth=0.8)
    ax.set_yticks(places, [NAMES.get(one.id, one.id) for one in ratios])
    highest = max(one.high for one in ratios)
    ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50, 100) if tick <= 1.5 * highest]
    ax.set_xscale("log")
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    head(ax, "Ratios of times", xlabel="ratio", ylim=(-0.7, len(ratios) - 0.3))
    return figure


def plot_formats(histories: Sequence[History], column: str) -> Figure:
    """One panel: ``large_lr`` and ``small_lr`` in each number format, against the epoch.

    Args:
        column: such as ``test_clean_accuracy``.
    """
    figure, ax = subplots(figsize=PANEL)
    for name in ("large_lr", "small_lr"):
        for number_format, (bits, dash) in BITS.items():
            runs = where(histories, schedule=name, precision=number_format)
            plot_runs(ax, runs, column, label=f"{SHORT[name]}, {bits}", **STYLES[name] | {"linestyle": dash})
        for epoch in runs[0].config.schedule.anneal_epochs:
            mark_anneal(ax, epoch)
    test_set, unit = column.rsplit("_", 1)
    head(ax, TITLES[test_set], xlabel="epoch", ylabel=UNITS[unit])
    label_lines(ax)
    return figure
