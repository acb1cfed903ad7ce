"""Sharpness and active units of the patch experiment's networks, before the anneal and at the end."""

from collections.abc import Sequence

from lrreg_utils.devices import choose_device, known_state
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.images.sources import prepare
from lrreg_utils.studies.sharpness import active_share, sharpness
from lrreg_utils.training.trainer import Run

SCHEDULES = ("large_lr", "small_lr", "large_lr_constant")


def curvature(seeds: Sequence[int]) -> dict:
    """Each schedule of the digits experiment, measured on its plain training images.

    Returns:
        Schedule to ``{"sharpness": [before, end], "active": [before, end]}``, each a list over seeds;
        "before" is the last epoch before ``large_lr`` anneals. Active units in percent.
    """
    demo, found = experiment("digits"), {}
    before = demo.anneal_epoch - 1
    for name in SCHEDULES:
        measured = [_course(demo.config(name, seed), (before, demo.base.epochs)) for seed in seeds]
        found[name] = {key: [[one[when][key] for one in measured] for when in (0, 1)]
                       for key in ("sharpness", "active")}
    return found


@known_state(1)
def _course(config, at: tuple[int, int]) -> list[dict[str, float]]:
    images, found = prepare(config), []
    run = Run(config, images, choose_device("cpu"))
    inputs, labels = run.normalize(images.train.images), images.train.labels
    while len(run.rows) < at[-1]:
        run.next_epoch()
        if len(run.rows) in at:
            found.append({"sharpness": sharpness(run.model, inputs, labels),
                          "active": active_share(run.model, inputs)})
            run.optimizer.zero_grad()
    return found
