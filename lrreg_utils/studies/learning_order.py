"""Train a network and ask, after every epoch, what it recognizes of every training example."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lrreg_utils.devices import autocast
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.images.patches import BOTH, CLEAN, write_patches
from lrreg_utils.results.learning_order import QUESTIONS, Tracked
from lrreg_utils.studies.pieces import Keep, at_once
from lrreg_utils.training.evaluation import EVALUATION_BATCH
from lrreg_utils.training.train import train
from lrreg_utils.training.trainer import Trainer

TESTS = ("test_clean_accuracy", "test_clean_loss", "test_patch_only_accuracy", "test_patch_only_loss")


@dataclass(frozen=True)
class Exam:
    """The same questions about every training example, whenever they are asked.

    Attributes:
        inputs: normalized images (N, channels, size, size) for each of `QUESTIONS`.
        labels: int64 (N,).
        patched: bool (N,), whether an example carries a patch in training.
    """

    inputs: dict[str, torch.Tensor]
    labels: torch.Tensor
    patched: torch.Tensor

    @classmethod
    def of(cls, trainer: Trainer, chosen: torch.Tensor | slice = slice(None)) -> "Exam":
        """The questions of one run, about all training examples or those with the ``chosen`` indices.

        Patches have full strength, and each example's sign is drawn once, from a stream of its own.
        """
        split = trainer.train_split
        labels, images = split.labels[chosen], trainer.normalize(split.images[chosen])
        coins = trainer.streams.fresh("learning order", trainer.device)
        patches = write_patches(torch.zeros_like(images), labels, torch.full_like(labels, BOTH),
                                trainer.patterns, coins)
        inputs = dict(zip(QUESTIONS, (images, patches), strict=True))
        return cls(inputs, labels, trainer.groups[chosen] != CLEAN)

    @torch.no_grad()
    def ask(self, trainer: Trainer, question: str) -> torch.Tensor:
        """Which examples the network of a run gets right, bool (N,)."""
        trainer.model.eval()
        batches = self.inputs[question].split(EVALUATION_BATCH[trainer.device.type])
        with autocast(trainer.config.precision, trainer.device):
            return torch.cat([trainer.model(batch) for batch in batches]).argmax(1) == self.labels


def track(config: Config) -> Tracked:
    """Train one run on the processor, and ask all questions about all examples after every epoch.

    Raises:
        UserError: see `lrreg_utils.training.train.train`.
    """
    hits: dict[str, list] = {question: [] for question in QUESTIONS}
    columns: dict[str, list] = {name: [] for name in TESTS}
    exam: Exam | None = None

    def ask_all(trainer: Trainer) -> None:
        nonlocal exam
        exam = exam or Exam.of(trainer)  # made once: training does not change which examples carry a patch
        for question in QUESTIONS:
            hits[question].append(exam.ask(trainer, question).numpy())
        for name in TESTS:
            columns[name].append(trainer.rows[-1][name])

    train(config, "cpu", after_epoch=[ask_all])
    anneals = config.schedule.anneal_epochs
    return Tracked(
        config.schedule.name, config.seed, anneals[0] if anneals else None, exam.patched.numpy(),
        {question: np.stack(rows) for question, rows in hits.items()},
        {name: np.array(column, dtype=float) for name, column in columns.items()},
    )


def learning_order(seeds: Sequence[int], keep: Keep = at_once) -> dict:
    """Every schedule of the digits experiment: ``{"runs": [...]}``, each as `Tracked.as_dict` writes it."""
    return _tracked(experiment("digits").configs(seeds), keep)


def hidden_order(seeds: Sequence[int], keep: Keep = at_once) -> dict:
    """Both rates of the central experiment, in the form of `learning_order`."""
    demo = experiment("hidden")
    return _tracked([demo.config(name, seed) for seed in seeds for name in ("large_lr", "small_lr")], keep)


def _tracked(configs: Sequence[Config], keep: Keep) -> dict:
    return {"runs": [keep(f"{config.schedule.name}-{config.seed}", lambda one: track(one).as_dict(), config)
                     for config in configs]}
