"""Train a network and ask, after every epoch, what it knows of every training example."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

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
    def of(cls, trainer: Trainer) -> "Exam":
        """The questions of one run.

        Patches have full strength, and each example's sign is drawn once, from a stream of its own.
        """
        labels, patched = trainer.train_split.labels, trainer.groups != CLEAN
        images = trainer.normalize(trainer.train_split.images)
        with_patch = torch.full_like(labels, BOTH)

        def patches_on(pixels: torch.Tensor, groups: torch.Tensor) -> torch.Tensor:
            coins = trainer.streams.fresh("learning order", trainer.device)
            return write_patches(pixels, labels, groups, trainer.patterns, coins)

        shown = torch.where(patched, BOTH, CLEAN)
        asked = (images, patches_on(torch.zeros_like(images), with_patch), patches_on(images, shown))
        return cls(dict(zip(QUESTIONS, asked, strict=True)), labels, patched)

    @torch.no_grad()
    def ask(self, trainer: Trainer, question: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Which examples the network of a run gets right, bool (N,), and their losses, float32 (N,)."""
        trainer.model.eval()
        batches = self.inputs[question].split(EVALUATION_BATCH[trainer.device.type])
        with autocast(trainer.config.precision, trainer.device):
            logits = torch.cat([trainer.model(batch).float() for batch in batches])
        return logits.argmax(1) == self.labels, F.cross_entropy(logits, self.labels, reduction="none")


def track(config: Config) -> Tracked:
    """Train one run on the processor, and ask all questions about all examples after every epoch.

    Raises:
        UserError: see `lrreg_utils.training.train.train`.
    """
    hits: dict[str, list] = {question: [] for question in QUESTIONS}
    columns: dict[str, list] = {}
    exam: Exam | None = None

    def ask_all(trainer: Trainer) -> None:
        nonlocal exam
        exam = exam or Exam.of(trainer)  # made once: training does not change which examples carry a patch
        measured = {name: trainer.rows[-1][name] for name in TESTS}
        for question in QUESTIONS:
            right, losses = exam.ask(trainer, question)
            hits[question].append(right.numpy())
            measured[f"{question}_clean_loss"] = _mean(losses[~exam.patched])
            measured[f"{question}_patched_loss"] = _mean(losses[exam.patched])
        for name, value in measured.items():
            columns.setdefault(name, []).append(value)

    train(config, "cpu", after_epoch=[ask_all])
    anneals = config.schedule.anneal_epochs
    return Tracked(
        config.schedule.name, config.seed, anneals[0] if anneals else None, exam.patched.numpy(),
        {question: np.stack(rows) for question, rows in hits.items()},
        {name: np.array(column, dtype=float) for name, column in columns.items()},
    )


def _mean(losses: torch.Tensor) -> float:
    return losses.double().mean().item() if len(losses) else float("nan")


def learning_order(seeds: range, keep: Keep = at_once) -> dict:
    """Every schedule of the digits experiment: ``{"runs": [...]}``, each as `Tracked.as_dict` writes it."""
    return {"runs": [keep(f"{config.schedule.name}-{config.seed}", lambda one: track(one).as_dict(), config)
                     for config in experiment("digits").configs(seeds)]}
