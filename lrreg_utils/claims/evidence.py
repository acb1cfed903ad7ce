"""What one recorded experiment says of a claim: an effect, its interval, and a condition for each seed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

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

# The central experiment, fixed before its seeds were run
GAP = 10  # points of accuracy by which the large rate is ahead with the patch
DUE = 8  # points of that gap that the patch's signal must account for
ALIKE = 3  # points: two rates are equally good where the mean gap lies within them
UNREAD = 35  # percent of patches: in no single run more, while the patch counts as hidden
LATER = 10  # points of patches that a run must learn after its anneal: its units are alive
WAY = 25  # percent of the way to all images by which the large rate comes farther
SHARED = 0.25, 0.75  # share of a lead: between these, each of two causes has a good part in it
EARLIER = 25  # points of patches by which the small rate is ahead before the anneal

VERDICTS = ("holds", "holds in part", "not reproduced")
DISCS = "○◔◑◕●"  # by quarters
INFINITE = float("inf")


@dataclass(frozen=True)
class Effect:
    """The size of an effect: one number per seed, paired where two runs are compared.

    Attributes:
        values: one number per seed.
        within: the claim holds as far as the mean lies between these two.
        unit: what is counted.
    """

    values: Sequence[float]
    within: tuple[float, float] = (0.0, INFINITE)
    unit: str = "points"

    @property
    def mean(self) -> float:
        return fmean(map(float, self.values))  # as `spread`, so that both round alike

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the mean, by Student's t; None where there is one number alone."""
        count = len(self.values)
        if count < 2:
            return None
        from scipy.special import stdtrit  # here: only verdicts need it

        half = float(stdtrit(count - 1, 0.975) * np.std(self.values, ddof=1) / np.sqrt(count))
        return self.mean - half, self.mean + half

    @property
    def inside(self) -> bool | None:
        """Whether the whole interval lies within the bounds; None where it lies on both sides of one."""
        low, high = self.interval or (self.mean, self.mean)
        least, most = self.within
        if least <= low and high <= most:
            return True
        return False if high < least or low > most else None

    @property
    def bounds(self) -> str:
        """The bounds in words, as in ``≥ 10``, ``≤ 20`` or ``-3 to 3``."""
        least, most = self.within
        if most == INFINITE:
            return f"≥ {least:g}"
        return f"≤ {most:g}" if least == -INFINITE else f"{least:g} to {most:g}"

    def __str__(self) -> str:
        numbers = (self.mean, *(self.interval or ()))
        digits = 1 if abs(self.mean) >= 2 else 2 if max(map(abs, numbers)) >= 0.1 else 3
        mean, *interval = (f"{number:.{digits}f}" for number in numbers)
        shown = f"{mean} [{', '.join(interval)}]" if interval else mean
        return f"{shown} {self.unit}".rstrip()


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
        effect: how large the effect is; None for a claim that has no number per seed.
        part: which of its runs, where several are asked the same, such as ``small rate``.

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
    effect: Effect | None = None
    part: str = ""

    def __post_init__(self) -> None:
        if len(self.seeds) != len(self.met) or not self.seeds:
            raise UserError(f"claims: {self.experiment}: one answer is needed for each seed")

    @property
    def verdict(self) -> str:
        """From the effect and from the seeds.

        ``holds``: every seed meets the condition, and the effect's interval lies within its bounds.
        ``not reproduced``: no seed meets it, or the interval lies outside. ``holds in part``: all else.
        """
        inside = True if self.effect is None else self.effect.inside
        if all(self.met) and inside:
            return VERDICTS[0]
        return VERDICTS[2] if not any(self.met) or inside is False else VERDICTS[1]

    @property
    def reason(self) -> str:
        """Why the claim does not hold though seeds meet the condition, else nothing."""
        inside = True if self.effect is None else self.effect.inside
        if inside or not any(self.met) or (inside is None and not all(self.met)):
            return ""
        return f"95 % interval {'crosses' if inside is None else 'outside'} the bound {self.effect.bounds}"

    @property
    def met_in(self) -> str:
        """How many meet the condition, as in ``3 of 5 seeds``."""
        return f"{sum(self.met)} of {len(self.met)} {self.counted}"

    @property
    def judged(self) -> str:
        """The verdict, and its reason where the seeds do not say it."""
        return ": ".join(filter(None, (self.verdict, self.reason)))

    def row(self) -> dict:
        """Plain values: experiment, measured, effect, interval, seeds, verdict."""
        effect = self.effect
        counted = "; ".join(filter(None, (self.measured, f"{self.condition}: {self.met_in}", self.reason)))
        return {
            "experiment": self.experiment,
            "measured": f"{effect} (bound {effect.bounds}); {counted}" if effect else counted,
            "effect": _rounded(effect.mean)[0] if effect else None,
            "interval": _rounded(*effect.interval) if effect and effect.interval else None,
            "seeds": list(self.seeds), "verdict": self.verdict,
        }


def _rounded(*values: float) -> list[float]:
    """To six digits, which are the same on every processor."""
    return [float(f"{value:.6g}") for value in values]


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


@dataclass(frozen=True)
class Tally:
    """Several verdicts in one. Each is a test: a claim in one experiment.

    Attributes:
        verdicts: one for each test.
    """

    verdicts: Sequence[str]

    @property
    def held(self) -> int:
        """How many tests hold."""
        return self.verdicts.count(VERDICTS[0])

    @property
    def word(self) -> str:
        """``holds`` where all hold, ``not here`` where all are not reproduced, else ``in part``."""
        found = set(self.verdicts)
        return dict(zip(VERDICTS, ("holds", "in part", "not here"), strict=True))[
            found.pop() if len(found) == 1 else VERDICTS[1]]

    @property
    def quarters(self) -> int:
        """How far a disc is filled, full only where all tests hold and empty only where none does."""
        share = round(4 * self.held / len(self.verdicts))
        return 4 if self.held == len(self.verdicts) else min(3, max(int(self.held > 0), share))

    @property
    def disc(self) -> str:
        """One of `DISCS`."""
        return DISCS[self.quarters]

    @property
    def counts(self) -> str:
        """In words, as in ``3 of 7 tests hold, 3 partly, 1 not``."""
        partly, not_here = map(self.verdicts.count, VERDICTS[1:])
        return f"{self.held} of {len(self.verdicts)} tests hold" \
            + f", {partly} partly" * (partly > 0) + f", {not_here} not" * (not_here > 0)

    def __str__(self) -> str:
        return f"{self.disc} {self.word}: {self.counts}"


def tally(evidence: Iterable[Evidence]) -> Tally:
    """Count verdicts."""
    return Tally([one.verdict for one in evidence])
