"""What a reader chooses for own runs, and the configs that it makes. No torch."""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config, Shares
from lrreg_utils.experiments.presets import Experiment, experiment
from lrreg_utils.experiments.schedule import COMPARED, Schedule, compared_schedules
from lrreg_utils.field_checks import check_kinds, require, shown
from lrreg_utils.files import cache_dir

# The experiments of the book that own runs begin from: by data, then by network, the quickest first
BEGIN = {
    "digits": {"hidden-128": "hidden", "small": "convnet"},
    "photographs": {"small": "photographs", "wrn16-10": "paper"},
}
NETWORKS = {
    "hidden-128": "one hidden layer, 128 units",
    "small": "small convolutional network",
    "wrn16-10": "wide residual network (needs a GPU)",
}
PATCHES = {"on": "on", "inert": "inert: there, but it says nothing", "none": "none: plain images"}
DIGITS_OF_RATES = 6  # as settings are typed: a rate that is computed from a factor is rounded to them
MOST_SEEDS = 100


@dataclass(frozen=True)
class Choices:
    """What is trained; `suggested` gives the book's values.

    Attributes:
        data: ``digits``, ``cifar10`` or ``folder:PATH``.
        network: a ``model`` of a config.
        schedules: names among `COMPARED`.
        large: its initial learning rate.
        small: the same of the small one.
        annealed: the rate after the anneal.
        anneal_epoch: first epoch (1-based) at that rate.
        noise: std of the noise of ``small_lr_noise``.
        patch: ``on``, ``inert`` (there, but it says nothing) or ``none``.
        seeds: how many; they count from 0.
        epochs: of each run.
        others: further fields of `Config`, by name.

    Raises:
        UserError: a value of another kind or outside its range, naming it.
    """

    data: str
    network: str
    schedules: tuple
    large: float
    small: float
    annealed: float
    anneal_epoch: int
    noise: float
    patch: str
    seeds: int
    epochs: int
    others: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "schedules", _listed(self.schedules))
        check_kinds(self)
        if not self.schedules or not all(name in COMPARED for name in self.schedules):
            raise UserError(f"schedules: choose at least one of {', '.join(COMPARED)}; "
                            f"got {shown(list(self.schedules))}")
        require(self, ("patch",), f"one of {', '.join(PATCHES)}", PATCHES.__contains__)
        require(self, ("seeds",), f"a whole number from 1 to {MOST_SEEDS}",
                lambda count: 1 <= count <= MOST_SEEDS)
        if not 2 <= self.anneal_epoch <= self.epochs:
            raise UserError(f"anneal_epoch must lie between 2 and the number of epochs, {self.epochs}; "
                            f"got {self.anneal_epoch}")

    def configs(self) -> list[Config]:
        """The runs, seed by seed.

        Raises:
            UserError: a value that no run takes, naming it.
        """
        base, schedules = _base(self), self._schedules()
        return [replace(base, schedule=schedules[name], seed=seed)
                for seed in range(self.seeds) for name in COMPARED if name in self.schedules]

    def _schedules(self) -> dict[str, Schedule]:
        anneal_small = bool(_begin(self.data, self.network).schedules["small_lr"].anneal_epochs)
        return compared_schedules(self.large, self.small, self.annealed, self.anneal_epoch, self.noise,
                                  anneal_small=anneal_small)


def _listed(schedules: object) -> tuple:
    if isinstance(schedules, str):
        return (schedules,)
    if not isinstance(schedules, list | tuple):
        raise UserError(f"schedules must be a list of names, got {shown(schedules)}")
    return tuple(schedules)


def networks_for(data: str) -> list[str]:
    """The networks that the book has settings for on this data."""
    return list(BEGIN["digits" if data == "digits" else "photographs"])


def _begin(data: str, network: str) -> Experiment:
    """The experiment whose settings runs begin from; for a network of the reader's own, the quickest."""
    known = BEGIN["digits" if data == "digits" else "photographs"]
    return experiment(known.get(network, next(iter(known.values()))), data)


def suggested(data: str = "digits", network: str | None = None, **changes) -> Choices:
    """The book's settings on a data source, with what the reader changes.

    Args:
        network: by default the quickest that the book has for this data.
        changes: fields of `Choices`, and of `Config`.

    Raises:
        UserError: an unknown name, or a value that cannot be used.
    """
    if not isinstance(data, str):
        raise UserError(f"data must be text, got {shown(data)}")
    if not isinstance(network, str | None):
        raise UserError(f"network must be text, got {shown(network)}")
    network = network or networks_for(data)[0]
    found = _begin(data, network)
    large, noisy = found.schedules["large_lr"], found.schedules["small_lr_noise"]
    values = {
        "schedules": COMPARED, "large": large.initial_lr, "small": noisy.initial_lr,
        "annealed": float(f"{large.initial_lr * large.anneal_factor:.{DIGITS_OF_RATES}g}"),
        "anneal_epoch": found.anneal_epoch, "noise": noisy.noise, "patch": "on", "seeds": 1,
        "epochs": found.base.epochs,
    }
    own = {one.name for one in fields(Choices)} - {"others"}
    others = {name: value for name, value in changes.items() if name not in own}
    allowed = {one.name for one in fields(Config)} - {"schedule", "seed", "data", "model", "epochs"}
    if unknown := sorted(others.keys() - allowed):
        raise UserError(f"lab: {shown(unknown[0])} is unknown; choose among {', '.join(sorted(own))}, "
                        "or a field of lr.Config")
    changed = {name: value for name, value in changes.items() if name in own}
    return Choices(data, network, **values | changed, others=others)


def _base(choices: Choices) -> Config:
    patch = {"on": {}, "inert": {"patch_strength": 0.0}, "none": {"shares": Shares(1, 0, 0)}}[choices.patch]
    return replace(_begin(choices.data, choices.network).base, model=choices.network, epochs=choices.epochs,
                   **patch | choices.others)


def data_here() -> list[str]:
    """Data sources that need no download: the digits, and CIFAR-10 where it lies in the cache."""
    try:
        cifar10 = (cache_dir() / "cifar-10-batches-py").is_dir()
    except UserError:
        cifar10 = False
    return ["digits", *(["cifar10"] if cifar10 else [])]


def folder_source(path: str) -> str:
    """``folder:PATH`` of a path that a reader has typed.

    Raises:
        UserError: it is empty, or no such folder is there.
    """
    if not (path := path.strip()):
        raise UserError("data: type the folder that holds train/ and test/")
    try:
        found = Path(path).expanduser().is_dir()
    except (RuntimeError, ValueError, OSError):
        found = False
    if not found:
        raise UserError(f"data: there is no folder {shown(path)}")
    return f"folder:{path}"
