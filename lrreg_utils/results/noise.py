"""Runs sorted into large rate, small rate and small rate with noise, and what noise gives back. No torch."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lrreg_utils.experiments.config import SHARES, Shares
from lrreg_utils.experiments.schedule import NOISE_KINDS
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import recovered
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import where


@dataclass
class Task:
    """Runs on one training set, seeds ascending.

    Attributes:
        small: the small rate without noise.
        large: the large rate, annealed.
        noisy: the small rate with noise, by kind and level, both ascending.
    """

    small: list[History] = field(default_factory=list)
    large: list[History] = field(default_factory=list)
    noisy: dict[tuple[str, float], list[History]] = field(default_factory=dict)

    @classmethod
    def of(cls, histories: Iterable[History]) -> "Task":
        """Sort runs into the three: ``large_lr``, and all others by their noise."""
        task, kinds = cls(), list(NOISE_KINDS)
        for run in sorted(histories, key=lambda run: (
                kinds.index(run.config.schedule.noise_kind), run.config.schedule.noise, run.config.seed)):
            schedule = run.config.schedule
            if schedule.name == "large_lr":
                task.large.append(run)
            elif schedule.noise == 0:
                task.small.append(run)
            else:
                task.noisy.setdefault((schedule.noise_kind, schedule.noise), []).append(run)
        return task

    @property
    def until(self) -> int:
        """The first epoch in which the large rate is annealed; noise ends with the one before."""
        return self.large[0].config.schedule.anneal_epochs[0]

    def shares(self, column: str, epoch: int, kind: str, level: float) -> list[float]:
        """The share of the gap that noise gives back after an epoch, see `recovered`.

        Raises:
            UserError: a seed without a gap.
        """
        return recovered(*([run.at(column, epoch) for run in runs]
                           for runs in (self.noisy[kind, level], self.small, self.large)))


def recorded_tasks() -> tuple[Task, Task]:
    """The recorded runs on the patch task, and on plain images.

    Raises:
        UserError: a recording is missing.
    """
    runs = [*recorded("noise-level"), *recorded("noise-kinds")]
    large = where(recorded("anneal-epoch"), schedule="large_lr", schedule__anneal_epochs=(9,))
    patched = Task.of([*where(runs, shares=SHARES["code"]), *large])
    return patched, Task.of(where(runs, shares=Shares(1, 0, 0)))
