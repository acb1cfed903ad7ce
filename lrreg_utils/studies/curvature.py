"""Sharpness and active units of the patch experiment's networks, before the anneal and at the end."""

from collections.abc import Sequence

from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.studies.pieces import Keep, at_once
from lrreg_utils.studies.sharpness import active_share, sharpness
from lrreg_utils.training.train import train
from lrreg_utils.training.trainer import Trainer

SCHEDULES = ("large_lr", "small_lr", "large_lr_constant")


def curvature(seeds: Sequence[int], keep: Keep = at_once) -> dict:
    """Each schedule of the digits experiment, measured on its plain training images.

    Returns:
        Schedule to ``{"sharpness": [before, end], "active": [before, end]}``, each a list over seeds;
        "before" is the last epoch before ``large_lr`` anneals. Active units in percent.
    """
    demo, found = experiment("digits"), {}
    at = (demo.anneal_epoch - 1, demo.base.epochs)
    for name in SCHEDULES:
        measured = [keep(f"{name}-{seed}", _course, demo.config(name, seed), at) for seed in seeds]
        found[name] = {key: [[one[when][key] for one in measured] for when in (0, 1)]
                       for key in ("sharpness", "active")}
    return found


def _course(config: Config, at: tuple[int, int]) -> list[dict[str, float]]:
    found = []

    def measure(trainer: Trainer) -> None:
        if trainer.epoch in at:
            inputs = trainer.normalize(trainer.train_split.images)
            found.append({"sharpness": sharpness(trainer.model, inputs, trainer.train_split.labels),
                          "active": active_share(trainer.model, inputs)})

    train(config, "cpu", after_epoch=[measure])
    return found
