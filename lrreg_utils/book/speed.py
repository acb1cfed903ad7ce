"""Speed: whether recorded ratios meet their bars, and whether 16-bit numbers learn in the same order."""

from collections.abc import Sequence

import numpy as np

from lrreg_utils.claims.evidence import OVERLAP, Evidence
from lrreg_utils.results.history import History, by_schedule
from lrreg_utils.results.select import where
from lrreg_utils.results.speed import Ratio
from lrreg_utils.tables import Table

COLUMNS = ("test_clean_accuracy", "test_patch_only_accuracy")


def bars(ratios: Sequence[Ratio]) -> dict[str, Evidence]:
    """Which ratios meet their bar: by the ``median``, and in all ``rounds``."""
    medians = {one.id: f"{one.ratio:.1f}" for one in ratios}
    measured = ", ".join(f"{name} {median}" for name, median in medians.items())
    conditions = {"median": ("the median meets its bar", [one.met for one in ratios]),
                  "rounds": ("every round meets it", [one.met_in_every_round for one in ratios])}
    return {name: Evidence("recorded ratios", measured, condition, range(len(ratios)), met, medians, "ratios")
            for name, (condition, met) in conditions.items()}


def overlaps(histories: Sequence[History]) -> dict[tuple[str, str], float]:
    """By schedule and column: percent of epochs at which the ranges over seeds of both formats overlap."""
    return {(name, column): _overlap(runs, column)
            for name, runs in by_schedule(list(histories)).items() for column in COLUMNS}


def _overlap(runs: Sequence[History], column: str) -> float:
    full, half = ([run[column] for run in where(runs, precision=precision)]
                  for precision in ("float32", "bfloat16"))
    meet = (np.min(full, 0) <= np.max(half, 0)) & (np.min(half, 0) <= np.max(full, 0))
    return 100 * float(meet.mean())


def overlap_table(histories: Sequence[History]) -> Table:
    """`overlaps`, a row for each schedule and column."""
    return Table(("schedule", "column", "epochs whose ranges overlap"), [
        (name, column, f"{share:.0f} %") for (name, column), share in overlaps(histories).items()])


def formats_agree(histories: Sequence[History], experiment: str = "precision") -> Evidence:
    """Whether the ranges over seeds of both formats overlap nearly always, for every schedule and column."""
    shares = list(overlaps(histories).values())
    return Evidence(experiment, f"epochs whose ranges overlap: at least {min(shares):.0f} %",
                    f"ranges of 16 and 32 bits overlap in at least {OVERLAP} % of the epochs",
                    range(len(shares)), [share >= OVERLAP for share in shares], counted="curves")


def same_history(stopped: History, whole: History) -> Evidence:
    """Whether a run that was stopped and continued has the numbers of one that was not."""
    return Evidence("live", "", "a stopped run has the history of one that was not", [whole.config.seed],
                    [stopped.columns == whole.columns], counted="runs")
