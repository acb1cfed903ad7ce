"""What a trained network's features still tell of images: a new last layer is fitted to them."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.images.dataset import Images, Split
from lrreg_utils.images.sources import add_pixel_noise, balanced_subset, load_images, normalize, prepare
from lrreg_utils.seeding import generator
from lrreg_utils.studies.pieces import Keep, at_once
from lrreg_utils.training.model import Network, model_of
from lrreg_utils.training.train import train
from lrreg_utils.training.trainer import Trainer

SCHEDULES = ("large_lr", "small_lr")
PENALTIES = [10.0**power for power in range(-4, 2)]  # inverse strength; five-fold cross-validation chooses
Row = dict[str, float]


def new_readout(seeds: Sequence[int], keep: Keep = at_once) -> dict:
    """Both rates of the central experiment before the anneal and at the end, and an untrained network.

    Returns:
        Schedule, or ``untrained``, to a list over seeds of lists over the two moments (one moment where
        nothing is trained) of `accuracies`.
    """
    demo = experiment("hidden")
    at = (demo.anneal_epoch - 1, demo.base.epochs)
    found = {name: [keep(f"{name}-{seed}", _course, demo.config(name, seed), at) for seed in seeds]
             for name in SCHEDULES}
    untrained = [keep(f"untrained-{seed}", _untrained, demo.config("small_lr", seed)) for seed in seeds]
    return found | {"untrained": untrained}


def _course(config: Config, at: tuple[int, int]) -> list[Row]:
    found = []

    def measure(trainer: Trainer) -> None:
        if trainer.epoch in at:
            found.append(accuracies(trainer.model, config))

    train(config, "cpu", after_epoch=[measure])
    return found


def _untrained(config: Config) -> list[Row]:
    images = prepare(config)
    return [accuracies(model_of(config, images.channels, len(images.classes)), config)]


def accuracies(model: Network, config: Config) -> Row:
    """Percent of clean test images right: ``own`` last layer, and one fitted anew.

    ``trained`` is fitted to the images that the run trains on, ``held_out`` to as many others; both without
    patches.
    """
    images = prepare(config)
    test, labels = _features(model, images, images.test)
    with torch.no_grad():
        own = model(normalize(images.test.images, images.mean, images.std)).argmax(1) == images.test.labels
    found = {"own": 100 * float(own.float().mean())}
    for name, shown in (("trained", images), ("held_out", held_out(config))):
        fitted = _classifier().fit(*_features(model, shown, shown.train))
        found[name] = 100 * float(fitted.score(test, labels))
    return found


def held_out(config: Config) -> Images:
    """Images of the same source that the run does not train on, as ``train``: as many, or all there are.

    They have noise of the same kind, drawn from a stream of its own.
    """
    whole = load_images(config.data, config.image_size)
    numbers = Split(torch.arange(len(whole.train)), whole.train.labels)
    used = balanced_subset(numbers, config.train_size, generator(config.seed, "subset")).images
    rest = torch.ones(len(numbers), dtype=torch.bool).index_fill(0, used, False).nonzero().flatten()
    chosen = rest[: config.train_size]
    others = replace(whole, train=Split(whole.train.images[chosen], whole.train.labels[chosen]))
    return add_pixel_noise(others, config.pixel_noise, generator(config.seed, "held-out noise"))


@torch.no_grad()
def _features(model: Network, images: Images, split: Split):
    """What the last layer sees of the images, (N, features), and their labels, (N,), as numpy arrays."""
    model.eval()
    return model.features(normalize(split.images, images.mean, images.std)).numpy(), split.labels.numpy()


def _classifier() -> GridSearchCV:
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    return GridSearchCV(linear, {"logisticregression__C": PENALTIES}, cv=5)
