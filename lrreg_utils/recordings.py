"""The runs that come with the book, by name: what ``data/NAME`` holds and how to make it again."""

from collections.abc import Callable
from dataclasses import replace

from lrreg_utils.config import SHARES, Config, Shares
from lrreg_utils.errors import UserError
from lrreg_utils.presets import Experiment, experiment
from lrreg_utils.schedules import Schedule

SEEDS = range(3)
FRESH_SEEDS = range(3, 8)  # never looked at while the settings of the digits were chosen
CONSTANT_RATES = (0.004, 0.016, 0.05, 0.1, 0.2, 0.4)


def image_only_runs(chosen: Experiment, seeds: range) -> list[Config]:
    """Reference lines: ``large_lr`` and ``small_lr`` on images alone, on the shares that bound the claim.

    For each, one run on as many images as are clean, one on as many as show the image at all (clean and
    both), each for as many steps as the experiment takes on all of them.
    """
    shares = chosen.base.shares
    return [
        _image_only(chosen.config(schedule, seed), share)
        for seed in seeds
        for schedule in ("large_lr", "small_lr")
        for share in (shares.clean, shares.clean + shares.both)
    ]


def _image_only(config: Config, share: float) -> Config:
    if config.train_size is None:
        raise UserError("reference: train_size must be given, so that a share of it can be taken")
    anneals = tuple(1 + round((epoch - 1) / share) for epoch in config.schedule.anneal_epochs)
    return replace(
        config,
        shares=Shares(1, 0, 0),
        train_size=round(share * config.train_size),
        epochs=round(config.epochs / share),
        schedule=replace(config.schedule, anneal_epochs=anneals),
    )


def constant_rate_runs(chosen: Experiment, rates: tuple[float, ...], seeds: range) -> list[Config]:
    """The experiment with one constant learning rate per run."""
    schedules = [Schedule(f"constant_{rate:g}", rate) for rate in rates]
    return [replace(chosen.base, schedule=schedule, seed=seed) for seed in seeds for schedule in schedules]


RECORDINGS: dict[str, Callable[[str | None], list[Config]]] = {
    "digits-fresh": lambda data: experiment("digits", data).configs(FRESH_SEEDS),
    "digits-talk": lambda data: experiment("digits", data).with_(shares=SHARES["talk"]).configs(SEEDS),
    "digits-reference": lambda data: image_only_runs(experiment("digits", data), SEEDS),
    "digits-rates": lambda data: constant_rate_runs(experiment("digits", data), CONSTANT_RATES, SEEDS),
    "cifar-small": lambda data: experiment("small", data).configs(SEEDS),
    "cifar-50k": lambda data: experiment("small-50k", data).configs(range(5)),
}


def recording(name: str, data: str | None = None) -> list[Config]:
    """Every run of a recording, on its own data source or on another.

    Raises:
        UserError: an unknown name.
    """
    if name not in RECORDINGS:
        raise UserError(f"recording: {name!r} is unknown; choose one of {', '.join(RECORDINGS)}")
    return RECORDINGS[name](data)
