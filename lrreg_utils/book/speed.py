"""Speed: ratios as ``make bench`` wrote them, whether they meet their bars, and how 16-bit numbers learn.

Nothing imports torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median

import numpy as np

from lrreg_utils.claims.evidence import OVERLAP, Evidence
from lrreg_utils.errors import UserError
from lrreg_utils.files import data_folder
from lrreg_utils.results.history import History, by_schedule
from lrreg_utils.results.select import where
from lrreg_utils.results.study import load_study
from lrreg_utils.tables import Table
from lrreg_utils.text_files import listed

COLUMNS = ("test_clean_accuracy", "test_patch_only_accuracy")


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
    peak_memory_mib: int | None = None  # of the GPU, both sides together

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


def bars(ratios: Sequence[Ratio]) -> dict[str, Evidence]:
    """Which ratios meet their bar: by the ``median``, and in all ``rounds``."""
    medians = {one.id: f"{one.ratio:.3g}" for one in ratios}
    measured = ", ".join(f"{name} {median}" for name, median in medians.items())
    conditions = {"median": ("the median meets its bar", [one.met for one in ratios]),
                  "rounds": ("every round meets it", [one.met_in_every_round for one in ratios])}
    return {name: Evidence("recorded ratios", measured, condition, range(len(ratios)), met, medians, "ratios")
            for name, (condition, met) in conditions.items()}


def overlaps(histories: Sequence[History]) -> dict[tuple[str, str], float]:
    """By schedule and column: percent of epochs at which the ranges over seeds of both formats overlap."""
    found = {}
    for (name, runs), column in product(by_schedule(histories).items(), COLUMNS):
        full, half = ([run[column] for run in where(runs, precision=precision)]
                      for precision in ("float32", "bfloat16"))
        meet = (np.min(full, 0) <= np.max(half, 0)) & (np.min(half, 0) <= np.max(full, 0))
        found[name, column] = 100 * float(meet.mean())
    return found


def overlap_table(histories: Sequence[History]) -> Table:
    """`overlaps`, a row for each schedule and column."""
    return Table(("schedule", "column", "epochs whose ranges overlap"), [
        (name, column, f"{share:.0f} %") for (name, column), share in overlaps(histories).items()])


def formats_agree(histories: Sequence[History]) -> Evidence:
    """Whether the ranges over seeds of both formats overlap nearly always, for every schedule and column."""
    shares = list(overlaps(histories).values())
    return Evidence("precision", f"epochs whose ranges overlap: at least {min(shares):.0f} %",
                    f"ranges of 16 and 32 bits overlap in at least {OVERLAP} % of the epochs",
                    range(len(shares)), [share >= OVERLAP for share in shares], counted="curves")


def same_history(stopped: History, whole: History) -> Evidence:
    """Whether a run that was stopped and continued has the numbers of one that was not."""
    return Evidence("live", "", "a stopped run has the history of one that was not", [whole.config.seed],
                    [stopped.columns == whole.columns], counted="runs")
