"""What one recorded experiment says of a claim: numbers, and a condition that each seed meets or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lrreg_utils.errors import UserError
from lrreg_utils.results.history import History, by_schedule
from lrreg_utils.results.measures import first_epoch
from lrreg_utils.results.select import part_alone, where
from lrreg_utils.tables import spread

# Where a claim begins to hold: every threshold of the claims, chosen before the runs were made
RECOGNIZED, CHANCE = 50, 20  # percent of patches: from here on they are recognized; up to here they are not
FITTED = 80  # percent of training images or patches: from here on they count as fitted
FITS_ALL = 95  # percent of training images: a network has fitted its training set
SOON = 90  # percent of training images or patches, for the question how soon they are fitted
GENERALIZES = 80  # percent of test images or patches
HALF = 0.5  # share of a gap
RATIO = 1.4  # error on P of S over that of L-S: from here on the gap counts
AHEAD = 5  # points of accuracy: from here on a run is clearly ahead of another; within them they are alike
FIRST = 10  # points of a share of examples, for the question what was learned first
SAME = 1e-3  # total variation: below it two solutions count as the same function
APART = 0.01  # total variation: from here on two solutions differ clearly
NEAR_BEST = 2  # points of test accuracy: a setting is as good as the best one
OVERLAP = 85  # percent of epochs: two number formats learn the same
NOISIER, NOISIER_THAN_PATCH = 2, 3  # times: noise at the large rate over that at the small one
WITHIN = 0.05  # share by which a simulation may be off its formula
RIPPLE_SEEN, RIPPLE_LOST = 0.8, 0.1  # mean cosine: above, a parameter fits the ripple; below, it does not
CAPPED = 55  # percent: the ceiling of linear rules on both points of ten classes, (K + 1) / 2K
CLEARLY = 10  # points by which one accuracy is clearly ahead of another

VERDICTS = ("holds", "holds in part", "not reproduced")


@dataclass(frozen=True)
class Evidence:
    """One claim in one experiment.

    Attributes:
        experiment: the recording or study, by its name under ``data/``.
        measured: the numbers in words, mean ± standard deviation over seeds.
        condition: what a seed must meet for the claim to hold in it.
        seeds: the seeds.
        met: whether each meets the condition.
        numbers: what a page's text may quote, name to text.
        counted: what takes the place of seeds where there are none, such as ``curves``.

    Raises:
        UserError: not one answer for each seed, or no seed.
    """

    experiment: str
    measured: str
    condition: str
    seeds: Sequence[int]
    met: Sequence[bool]
    numbers: Mapping[str, str] = field(default_factory=dict)
    counted: str = "seeds"

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

    def __getitem__(self, column: str) -> np.ndarray:
        """A column, float64 (seeds, epochs)."""
        return np.stack([run[column] for run in self.runs])

    def at(self, column: str, epoch: int = -1) -> np.ndarray:
        """A column after an epoch (1-based; -1 is the last), float64 (seeds,)."""
        return np.array([run.at(column, epoch) for run in self.runs])

    def mean(self, column: str, epochs: range) -> np.ndarray:
        """A column averaged over epochs, float64 (seeds,)."""
        return np.mean([self.at(column, epoch) for epoch in epochs], 0)

    def first(self, column: str, level: float = 50.0) -> np.ndarray:
        """First epoch in which a column reaches a level, float64 (seeds,); never: the one after the last."""
        first = [first_epoch(run, column, level) for run in self.runs]
        return np.nan_to_num(first, nan=self.runs[0].config.epochs + 1)


def runs_where(histories: Sequence[History], part: str | None = None, **fields) -> Runs:
    """Those runs with these values (see `where`), and with one ``part`` alone, seeds ascending.

    Raises:
        UserError: no such run, or several runs of one seed.
    """
    found = where(histories, **fields)
    return one_per_seed(part_alone(found, part) if part else found, f"{part or ''} {fields}")


def one_per_seed(histories: Sequence[History], chosen: str = "the choice") -> Runs:
    """The runs by seed, ascending; ``chosen`` says in an error how they were found.

    Raises:
        UserError: several runs of one seed.
    """
    found = sorted(histories, key=lambda run: run.config.seed)
    if len({run.config.seed for run in found}) < len(found):
        raise UserError(f"claims: {chosen} leaves several runs of one seed")
    return Runs(found)


def two_rates(histories: Sequence[History]) -> tuple[Runs, Runs]:
    """The runs at the large and at the small rate: ``large_lr`` and ``small_lr``, else the extreme rates.

    Raises:
        UserError: several runs of one seed at a rate.
    """
    groups = by_schedule(histories)
    if not {"large_lr", "small_lr"} <= groups.keys():
        rates = [run.config.schedule.initial_lr for run in histories]
        groups = {name: where(histories, schedule__initial_lr=rate)
                  for name, rate in (("large_lr", max(rates)), ("small_lr", min(rates)))}
    return one_per_seed(groups["large_lr"], "large_lr"), one_per_seed(groups["small_lr"], "small_lr")


def said(values: np.ndarray, digits: int = 1) -> str:
    """Mean ± sample standard deviation of one number per seed."""
    return spread([float(value) for value in values], digits)
