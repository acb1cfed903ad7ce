"""What a run has learned of a few of its training examples: asked after each epoch, kept beside the run."""

import json
from pathlib import Path

from lrreg_utils.experiments.config import Config
from lrreg_utils.files import write_result
from lrreg_utils.results.learning_order import QUESTIONS, STEADY, first_learned

ASKED = 40  # examples that carry a patch, a dot each
Answers = tuple[str, ...]  # for each of QUESTIONS, a 1 or a 0 for each example


def answers_path(config: Config, folder: Path) -> Path:
    """The file of a run's answers; it does not end in .json, as histories do."""
    return folder / f"{config.label}.answers"


class Asking:
    """A hook of the trainer that asks after each epoch, and keeps the answers in a file.

    It draws from a stream of its own: the run is the same with and without it.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.exam = path, None
        self.answers = read_answers(path)

    def __call__(self, trainer) -> None:
        self.exam = self.exam or _exam_of(trainer)
        now = tuple("".join("01"[hit] for hit in self.exam.ask(trainer, question).tolist())
                    for question in QUESTIONS)
        blank = tuple("0" * len(one) for one in now)  # where the file of an older epoch was lost
        before = self.answers[: trainer.epoch - 1]
        self.answers = [*before, *[blank] * (trainer.epoch - 1 - len(before)), now]
        write_result(self.path, json.dumps(self.answers).encode())

    def after(self, epoch: int) -> Answers | None:
        """The answers after an epoch (from 1), where there are any."""
        return self.answers[epoch - 1] if epoch <= len(self.answers) else None


def _exam_of(trainer):
    from lrreg_utils.images.patches import CLEAN
    from lrreg_utils.studies.learning_order import Exam

    patched = (trainer.groups != CLEAN).nonzero().flatten()
    return Exam.of(trainer, patched[:ASKED] if len(patched) else slice(ASKED))


def read_answers(path: Path) -> list[Answers]:
    """The answers in a file, epoch by epoch; none where it is missing or damaged: they are only shown."""
    try:
        kept = [tuple(one) for one in json.loads(path.read_text(encoding="utf-8"))]
        sound = all(len(one) == len(QUESTIONS) and len(one[0]) == len(one[1]) == len(kept[0][0])
                    and not set("".join(one)) - {"0", "1"} for one in kept)
    except (OSError, ValueError, TypeError, IndexError):
        return []
    return kept if sound else []


def learned(answers: list[Answers]) -> tuple[list[bool], ...]:
    """Which examples are learned, for each of `QUESTIONS`: right some epochs in a row, at any time so far."""
    import numpy as np

    counts = [len(one) for one in answers[-1]] if answers else [0] * len(QUESTIONS)
    if len(answers) < STEADY:
        return tuple([False] * count for count in counts)
    hits = [np.array([[bit == "1" for bit in one[part]] for one in answers]) for part in range(len(counts))]
    return tuple((first_learned(one) > 0).tolist() for one in hits)
