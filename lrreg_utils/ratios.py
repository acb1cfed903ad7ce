"""Speed ratios as ``make bench`` wrote them: read, listed and drawn. No torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from lrreg_utils.errors import UserError
from lrreg_utils.history import data_folder
from lrreg_utils.plots import WIDTH, quiet, subplots
from lrreg_utils.tables import Table
from lrreg_utils.text_files import listed, read_json


@dataclass(frozen=True)
class Ratio:
    """One row: the median over rounds of time over time, with its extremes and its bar (no units)."""

    device: str
    id: str
    what: str
    ratio: float
    low: float
    high: float
    bar: float
    at_least: bool  # whether the ratio must reach the bar, or stay below it
    rounds: int

    @property
    def met(self) -> bool:
        return self.ratio >= self.bar if self.at_least else self.ratio <= self.bar

    @property
    def met_in_every_round(self) -> bool:
        return self.low >= self.bar if self.at_least else self.high <= self.bar


def recorded_ratios() -> list[Ratio]:
    """Every ratio in ``data/benchmarks``, device by device.

    Raises:
        UserError: nothing was recorded.
    """
    files = listed(data_folder("benchmarks"), "*.json")
    if not files:
        raise UserError("ratios: nothing is recorded in data/benchmarks; make bench measures")
    contents = [read_json(file, "ratios") for file in files]
    return [Ratio(device=content["device"], **row) for content in contents for row in content["rows"]]


def ratio_table(ratios: Sequence[Ratio]) -> Table:
    """The ratios, a row each."""
    rows = [(one.id, f"{one.ratio:.2f}", f"{one.low:.2f} to {one.high:.2f}",
             f"{'>=' if one.at_least else '<='} {one.bar:g}", one.what) for one in ratios]
    return Table(("id", "median", "lowest to highest", "bar", "what is compared"), rows)


def draw_ratios(ratios: Sequence[Ratio]) -> Figure:
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
    quiet(ax)
    plt.close(figure)
    return figure
