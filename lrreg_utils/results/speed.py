"""Speed ratios as ``make bench`` wrote them: read and listed. No torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from lrreg_utils.errors import UserError
from lrreg_utils.files import data_folder
from lrreg_utils.results.study import load_study
from lrreg_utils.tables import Table
from lrreg_utils.text_files import listed


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
    contents = [load_study(file) for file in files]
    return [Ratio(device=content["provenance"]["device"], **row)
            for content in contents for row in content["result"]["rows"]]


def ratio_table(ratios: Sequence[Ratio]) -> Table:
    """The ratios, a row each, with a note on how they were timed."""
    rows = [(one.id, f"{one.ratio:.2f}", f"{one.low:.2f} to {one.high:.2f}",
             f"{'>=' if one.at_least else '<='} {one.bar:g}", one.what) for one in ratios]
    timed = sorted({f"{one.device}, {one.rounds} rounds, one thread" for one in ratios})
    return Table(("id", "median", "lowest to highest", "bar", "what is compared"), rows, notes=timed)


def median_and_range(rounds: Sequence[float]) -> str:
    """Ratios measured round by round, in words."""
    return f"{median(rounds):.0f} times as long (lowest {min(rounds):.0f}, highest {max(rounds):.0f})"
