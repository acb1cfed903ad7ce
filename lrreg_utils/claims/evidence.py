"""What one recorded experiment says of a claim: numbers, and a condition that each seed meets or not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lrreg_utils.errors import UserError
from lrreg_utils.results.history import History
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import where
from lrreg_utils.tables import spread

VERDICTS = ("holds", "holds in part", "not reproduced")
KNOWN, CHANCE = 50, 20  # percent of patches: from here on they are read; up to here they are not


@dataclass(frozen=True)
class Evidence:
    """One claim in one experiment.

    Attributes:
        experiment: the recording or study, by its name under ``data/``.
        measured: the numbers in words, mean ± standard deviation over seeds.
        condition: what a seed must meet for the claim to hold in it.
        seeds: the seeds.
        met: whether each meets the condition.

    Raises:
        UserError: not one answer for each seed, or no seed.
    """

    experiment: str
    measured: str
    condition: str
    seeds: Sequence[int]
    met: Sequence[bool]

    def __post_init__(self) -> None:
        if len(self.seeds) != len(self.met) or not self.seeds:
            raise UserError(f"claims: {self.experiment}: one answer is needed for each seed")

    @property
    def verdict(self) -> str:
        """``holds`` where every seed meets the condition, ``holds in part`` where some do."""
        return VERDICTS[0] if all(self.met) else VERDICTS[1] if any(self.met) else VERDICTS[2]


@dataclass(frozen=True)
class Runs:
    """The runs of one recording, one for each seed, that a piece of evidence is about."""

    runs: list[History]

    @property
    def seeds(self) -> list[int]:
        return [run.config.seed for run in self.runs]

    def at(self, column: str, epoch: int = -1) -> np.ndarray:
        """A column after an epoch (1-based; -1 is the last), float64 (seeds,)."""
        return np.array([run.at(column, epoch) for run in self.runs])

    def mean(self, column: str, epochs: range) -> np.ndarray:
        """A column averaged over epochs, float64 (seeds,)."""
        return np.mean([self.at(column, epoch) for epoch in epochs], 0)


def runs(recording: str, **fields) -> Runs:
    """Those runs of a recording with these values (see `where`), seeds ascending.

    Raises:
        UserError: no such recording or run, or several runs of one seed.
    """
    return one_a_seed(where(recorded(recording), **fields), f"{recording}: {fields}")


def one_a_seed(histories: list[History], chosen: str) -> Runs:
    """The runs by seed, ascending; ``chosen`` says in an error how they were found.

    Raises:
        UserError: several runs of one seed.
    """
    found = sorted(histories, key=lambda run: run.config.seed)
    if len({run.config.seed for run in found}) < len(found):
        raise UserError(f"claims: {chosen} leaves several runs of one seed")
    return Runs(found)


def said(values: np.ndarray, digits: int = 1) -> str:
    """Mean ± sample standard deviation of one number a seed."""
    return spread([float(value) for value in values], digits)
