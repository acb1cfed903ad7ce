"""Learning-rate and activation-noise schedules as small immutable values.

A schedule is piecewise constant over epochs. Epochs count from 1, so
``anneal_epochs=(30,)`` means: epochs 1 to 29 at the initial values, epoch 30 onwards at the
annealed ones.
"""

import math
import re
from dataclasses import dataclass

from lrreg_utils.errors import UserError
from lrreg_utils.field_checks import check_kinds, finite_above_0, finite_from_0, require, shown

# Names of the schedules of the patch experiment, in the order in which tables and figures show them
COMPARED = ("large_lr", "small_lr", "small_lr_noise", "large_lr_constant")
# What the noise of a schedule disturbs, and what its level means
NOISE_KINDS = {
    "activation": "std of the noise added before each ReLU",
    "dropout": "share of the activations that are dropped after each ReLU",
    "gradient": "std of the noise added to every entry of the gradient",
    "label": "share of the labels that are replaced by a class drawn at random",
    "batch": "how many times smaller the batch is",
}


@dataclass(frozen=True)
class Schedule:
    """How the learning rate and the activation noise move with the epoch.

    Raises:
        UserError: a name that a file cannot have, a rate that is not positive and finite, a
            negative noise, or anneal epochs that are not increasing integers of at least 2.
    """

    name: str
    initial_lr: float
    anneal_epochs: tuple[int, ...] = ()  # first epoch (1-based) at each lower rate
    anneal_factor: float = 1.0  # the rate is multiplied by this at every anneal
    noise: float = 0.0  # level of the noise until noise_until: see NOISE_KINDS
    noise_until: int | None = None  # first epoch (1-based) with the noise turned down
    noise_factor: float = 1e-5  # what the noise is multiplied by from then on
    noise_kind: str = "activation"  # one of NOISE_KINDS

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise UserError(f"schedule: name must be text, got {shown(self.name)}")
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", self.name):  # it becomes part of file names
            raise UserError("schedule: a name is made of letters, digits, _ . and -, 100 at most, "
                            f"not {shown(self.name)}")
        where = f"schedule {self.name}: "
        check_kinds(self, where)
        require(self, ("initial_lr", "anneal_factor"), "above 0 and finite", finite_above_0, where)
        require(self, ("noise", "noise_factor"), "0 or more and finite", finite_from_0, where)
        require(self, ("noise_kind",), f"one of {', '.join(NOISE_KINDS)}", NOISE_KINDS.__contains__, where)
        if self.noise_kind in ("dropout", "label"):
            require(self, ("noise",), f"below 1 for {self.noise_kind}", lambda noise: noise < 1, where)
        require(self, ("noise_until",), "2 or later", lambda epoch: epoch is None or epoch >= 2, where)
        if any(epoch < 2 for epoch in self.anneal_epochs):
            raise UserError(f"{where}an anneal epoch must be 2 or later, got {shown(self.anneal_epochs)}")
        if list(self.anneal_epochs) != sorted(set(self.anneal_epochs)):
            raise UserError(f"{where}anneal_epochs must increase, got {shown(self.anneal_epochs)}")
        if not _finite_rate(self):
            raise UserError(f"{where}the rate after every anneal must be finite; "
                            "choose a lower anneal_factor")

    def lr(self, epoch: int) -> float:
        """Learning rate used throughout ``epoch`` (1-based)."""
        anneals = sum(epoch >= first for first in self.anneal_epochs)
        return self.initial_lr * self.anneal_factor**anneals

    def noise_std(self, epoch: int) -> float:
        """Level of the noise throughout ``epoch`` (1-based): a std, for activations and gradients."""
        quiet = self.noise_until is not None and epoch >= self.noise_until
        return self.noise * (self.noise_factor if quiet else 1.0)

    @property
    def change_epochs(self) -> tuple[int, ...]:
        """Epochs at which the rate or the noise changes, in order."""
        quiet = () if self.noise_until is None else (self.noise_until,)
        return tuple(sorted({*self.anneal_epochs, *quiet}))


def _finite_rate(schedule: Schedule) -> bool:
    try:
        return math.isfinite(schedule.initial_lr * schedule.anneal_factor ** len(schedule.anneal_epochs))
    except OverflowError:
        return False


def compared_schedules(
    large: float,
    small: float,
    annealed: float,
    anneal_epoch: int,
    noise: float,
    noise_until: int | None = None,
    anneal_small: bool = False,
) -> dict[str, Schedule]:
    """The three schedules of the patch experiment and the control that never anneals.

    Args:
        large, small: initial learning rates of ``large_lr`` and ``small_lr``.
        annealed: learning rate of ``large_lr`` from ``anneal_epoch`` (1-based) on.
        noise: std of the activation noise of ``small_lr_noise``.
        noise_until: first epoch without that noise; ``anneal_epoch`` where not given.
        anneal_small: whether ``small_lr`` and ``small_lr_noise`` are annealed, too, to the same rate.
    """
    quiet = anneal_epoch if noise_until is None else noise_until
    low = _annealed(small, annealed, anneal_epoch) if anneal_small else {"initial_lr": small}
    settings = (
        _annealed(large, annealed, anneal_epoch),
        low,
        low | {"noise": noise, "noise_until": quiet},
        {"initial_lr": large},
    )
    return {name: Schedule(name, **fields) for name, fields in zip(COMPARED, settings, strict=True)}


def _annealed(initial: float, annealed: float, epoch: int) -> dict:
    return {"initial_lr": initial, "anneal_epochs": (epoch,), "anneal_factor": annealed / initial}
