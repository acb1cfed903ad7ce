"""The experiments of the book, as configs: what to train, on what, under which schedules.

How each setting was found is told in `chapters/reference/settings.ipynb`.
"""

from dataclasses import dataclass, replace

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config, Shares
from lrreg_utils.experiments.schedule import Schedule, compared_schedules


@dataclass(frozen=True)
class Experiment:
    """One data set and network, and the schedules compared on it."""

    name: str
    base: Config
    schedules: dict[str, Schedule]

    @property
    def anneal_epoch(self) -> int:
        """First epoch (1-based) at which ``large_lr`` runs at its lower rate."""
        return self.schedules["large_lr"].anneal_epochs[0]

    def config(self, schedule: str, seed: int) -> Config:
        """The run of one schedule with one seed.

        Raises:
            UserError: a schedule the experiment does not have.
        """
        if schedule not in self.schedules:
            known = ", ".join(self.schedules)
            raise UserError(f"schedule: {schedule!r} is unknown; choose one of {known}")
        return replace(self.base, schedule=self.schedules[schedule], seed=seed)

    def configs(self, seeds: range) -> list[Config]:
        """Every schedule with every seed, seed by seed."""
        return [self.config(schedule, seed) for seed in seeds for schedule in self.schedules]

    def references(self, seeds: range) -> list[Config]:
        """Both rates in the same mixture with the patch inert, and with the image removed behind it."""
        shares = self.base.shares
        alone = replace(shares, patch_only=shares.patch_only + shares.both, both=0.0)
        return [replace(self.config(schedule, seed), **change) for seed in seeds
                for change in ({"patch_strength": 0.0}, {"shares": alone})
                for schedule in ("large_lr", "small_lr")]

    def with_(self, **changes) -> "Experiment":
        """A copy with fields of the base config changed."""
        return replace(self, base=replace(self.base, **changes))


def _experiment(name: str, schedules: dict[str, Schedule], **fields) -> Experiment:
    return Experiment(name, Config(schedules["large_lr"], **fields), schedules)


# Scikit-learn's digits: seconds to minutes, and nothing to download
DIGITS = {"data": "digits", "image_size": 16, "train_size": 640, "pixel_noise": 1.25, "batch_size": 16,
          "patch_size": 5, "patch_strength": 1.4, "initialization": "torch"}

EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        # The patch experiment of the authors' code: every default of Config.
        _experiment("paper", compared_schedules(0.1, 0.004, 0.004, anneal_epoch=30, noise=0.4)),
        # Plain images, as in the paper's Figure 1; the anneals are those of the authors' code.
        _experiment(
            "puzzle",
            {name: Schedule(name, rate, (60, 120, 150), 0.2)
             for name, rate in (("large_lr", 0.1), ("small_lr", 0.01))},
            epochs=200, shares=Shares(1, 0, 0),
        ),
        # Real colour images at a size two processor cores can do.
        _experiment(
            "small",
            compared_schedules(0.1, 0.004, 0.004, anneal_epoch=16, noise=0.4),
            model="small", train_size=10_000, epochs=30, patch_strength=0.25, initialization="torch",
        ),
        # The same on all 50,000: five times the steps an epoch let a fainter patch be learned.
        _experiment(
            "small-50k",
            compared_schedules(0.1, 0.004, 0.004, anneal_epoch=11, noise=0.4),
            model="small", epochs=18, patch_strength=0.15, precision="bfloat16", initialization="torch",
        ),
        # The mechanism isolated: on plain images both rates are equally good, and they end at the same rate.
        _experiment(
            "hidden",
            compared_schedules(0.3, 0.016, 0.016, anneal_epoch=10, noise=4.0),
            **DIGITS, model="hidden-128", epochs=90, patch_place="corner", noise_per_sample=True,
        ),
        # The same in a convolutional network; the small rate is annealed, too.
        _experiment(
            "convnet",
            compared_schedules(0.4, 0.05, 0.016, anneal_epoch=9, noise=0.8, anneal_small=True),
            **DIGITS, model="small", epochs=60, patch_place="corner",
        ),
        # The same on colour images; small batches, so that the noise of the large rate hides the patch.
        _experiment(
            "photographs",
            compared_schedules(0.15, 0.01, 0.01, anneal_epoch=9, noise=0.4),
            model="small", train_size=10_000, epochs=20, batch_size=32, patch_strength=0.3,
            patch_place="corner", initialization="torch",
        ),
        # What if the small rate is simply bad: it is far behind on plain images, too.
        _experiment(
            "digits",
            compared_schedules(0.4, 0.004, 0.016, anneal_epoch=9, noise=0.8),
            **DIGITS, model="small", epochs=60,
        ),
    )
}


def experiment(name: str, data: str | None = None) -> Experiment:
    """An experiment by name, on its own data or on another source.

    Raises:
        UserError: an unknown name or data source.
    """
    if name not in EXPERIMENTS:
        raise UserError(f"experiment: {name!r} is unknown; choose one of {', '.join(EXPERIMENTS)}")
    found = EXPERIMENTS[name]
    return found if data is None else found.with_(data=data)


def experiment_for(data: str) -> Experiment:
    """The experiment that ``demo`` runs on a data source: the hidden layer on digits, else a convnet."""
    return experiment("hidden" if data == "digits" else "photographs", data)
