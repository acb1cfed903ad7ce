"""Figures of speed ratios."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from lrreg_utils.book.speed import Ratio
from lrreg_utils.figures.style import WIDTH, subplots


def plot_ratios(ratios: Sequence[Ratio]) -> Figure:
    """Each median as a point with its extremes, and its bar as an upright stroke; logarithmic axis."""
    figure, ax = subplots(figsize=(WIDTH, 1.2 + 0.45 * len(ratios)))
    places = range(len(ratios) - 1, -1, -1)  # the first on top
    medians, bars = [one.ratio for one in ratios], [one.bar for one in ratios]
    low, high = [one.low for one in ratios], [one.high for one in ratios]
    ax.hlines(places, low, high, color="#0072B2", linewidth=3, alpha=0.4)
    ax.plot(medians, places, "o", color="#0072B2", label="median, lowest to highest")
    ax.plot(bars, places, "|", color="#D55E00", markersize=18, markeredgewidth=2, label="bar")
    ax.axvline(1, color="0.6", linewidth=0.8)
    ax.set(xscale="log", xlabel="ratio of times", ylim=(-0.7, len(ratios) - 0.3))
    ax.set_yticks(places, [one.id for one in ratios])
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100) if tick <= 1.5 * max(one.high for one in ratios)]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.legend(frameon=False, fontsize=9)
    return figure
