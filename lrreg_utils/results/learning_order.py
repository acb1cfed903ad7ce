"""When each example is learned: from the epochs after which it is recognized. No torch.

An example counts as learned from the first epoch after which it is recognized several epochs in a row, and
as forgotten where it is not recognized as many epochs in a row later on.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.schedule import COMPARED
from lrreg_utils.results.study import recorded_study
from lrreg_utils.tables import Table, spread

STEADY = 3  # epochs in a row
QUESTIONS = ("image", "patch")  # asked alone
ORDERS = ("image first", "same epoch", "patch first", "image only", "patch only", "neither")


def first_learned(hits: np.ndarray, steady: int = STEADY) -> np.ndarray:
    """First epoch from which an example is right ``steady`` epochs in a row.

    Args:
        hits: bool (epochs, N), whether an example was right after each epoch.
        steady: epochs in a row, 1 or more.

    Returns:
        int64 (N,), epochs from 1; 0 where it never is.

    Raises:
        UserError: a ``steady`` below 1 or above the number of epochs.
    """
    if not 1 <= steady <= len(hits):
        raise UserError(f"steady must lie between 1 and the number of epochs, {len(hits)}; got {steady}")
    in_a_row = np.lib.stride_tricks.sliding_window_view(hits, steady, axis=0).all(-1)
    return np.where(in_a_row.any(0), in_a_row.argmax(0) + 1, 0)


def forgotten(hits: np.ndarray, steady: int = STEADY) -> np.ndarray:
    """Whether an example, once learned, is later wrong ``steady`` epochs in a row: bool (N,).

    Raises:
        UserError: see `first_learned`.
    """
    first = first_learned(hits, steady)
    epochs = np.arange(1, len(hits) + 1)[:, None]
    later = (first > 0) & (epochs > first)
    return first_learned(~hits & later, steady) > 0


def share_learned(first: np.ndarray, epochs: int) -> np.ndarray:
    """Percent of examples learned by each epoch: float64 (epochs,), from `first_learned`'s result."""
    reached = (first > 0) & (first <= np.arange(1, epochs + 1)[:, None])
    return 100 * reached.mean(1)


def order_shares(image: np.ndarray, patch: np.ndarray) -> dict[str, float]:
    """Percent of examples by what was learned first of them, image or patch; the keys are `ORDERS`.

    Args:
        image, patch: `first_learned` of the two questions, int64 (N,) each.
    """
    both, only_one = (image > 0) & (patch > 0), (image > 0) ^ (patch > 0)
    cases = (both & (image < patch), both & (image == patch), both & (image > patch),
             only_one & (image > 0), only_one & (patch > 0), (image == 0) & (patch == 0))
    return {name: 100 * float(case.mean()) for name, case in zip(ORDERS, cases, strict=True)}


@dataclass(frozen=True)
class Tracked:
    """One run, with what it knew of every training example after every epoch.

    Attributes:
        schedule: name of the run's schedule.
        seed: its seed.
        anneal_epoch: first epoch at the lower rate; None where the rate is never lowered.
        patched: bool (N,), whether an example carries a patch in training.
        hits: bool (epochs, N) for each of `QUESTIONS`: is its image alone recognized, and its patch alone on
            an empty image.
        columns: float64 (epochs,) each, ``test_...`` as in a history.
    """

    schedule: str
    seed: int
    anneal_epoch: int | None
    patched: np.ndarray
    hits: dict[str, np.ndarray]
    columns: dict[str, np.ndarray]

    def first(self, question: str) -> np.ndarray:
        """`first_learned` of one question."""
        return first_learned(self.hits[question])

    def right(self, question: str, examples: np.ndarray) -> np.ndarray:
        """Percent of some examples, bool (N,), that are right after each epoch: float64 (epochs,)."""
        return 100 * self.hits[question][:, examples].mean(1)

    def half_learned(self, question: str, examples: np.ndarray) -> int:
        """First epoch by which half of some examples, bool (N,), are learned; one more than all for never."""
        shares = share_learned(self.first(question)[examples], len(self.hits[question]))
        return int((shares < 50).sum()) + 1

    def as_dict(self) -> dict:
        """Plain values, ready for JSON: bits packed into base64, numbers to four digits."""
        return {
            "schedule": self.schedule, "seed": self.seed, "anneal_epoch": self.anneal_epoch,
            "patched": pack(self.patched[None]),
            "hits": {question: pack(hits) for question, hits in self.hits.items()},
            "columns": {name: [round(float(value), 4) for value in column]
                        for name, column in self.columns.items()},
        }

    @classmethod
    def from_dict(cls, values: dict) -> "Tracked":
        """What `as_dict` wrote."""
        columns = {name: np.array(column) for name, column in values["columns"].items()}
        hits = {question: unpack(packed) for question, packed in values["hits"].items()}
        return cls(values["schedule"], values["seed"], values["anneal_epoch"], unpack(values["patched"])[0],
                   hits, columns)


def recognized_by(run: Tracked) -> dict[str, np.ndarray]:
    """Percent of the patched examples by what alone is enough to recognize them: float64 (epochs,) each."""
    image, patch = (run.hits[question][:, run.patched] for question in QUESTIONS)
    cases = {"image": image & ~patch, "either": image & patch, "patch": patch & ~image,
             "neither": ~image & ~patch}
    return {name: 100 * case.mean(1) for name, case in cases.items()}


def pack(bits: np.ndarray) -> dict:
    """Bool (rows, N) as a shape and base64 text of eight bits a byte, row by row."""
    return {"shape": list(bits.shape), "bits": base64.b64encode(np.packbits(bits).tobytes()).decode()}


def unpack(packed: dict) -> np.ndarray:
    """What `pack` wrote, bool (rows, N)."""
    rows, count = packed["shape"]
    raw = np.frombuffer(base64.b64decode(packed["bits"]), dtype=np.uint8)
    return np.unpackbits(raw, count=rows * count).reshape(rows, count).astype(bool)


def tracked_runs(name: str = "learning-order") -> list[Tracked]:
    """The runs of a recorded study, seed by seed.

    Raises:
        UserError: no such study is recorded.
    """
    return [Tracked.from_dict(values) for values in recorded_study(name)["result"]["runs"]]


def of_schedule(runs: Sequence[Tracked], schedule: str) -> list[Tracked]:
    """The runs of one schedule, by seed.

    Raises:
        UserError: there is none.
    """
    found = sorted((run for run in runs if run.schedule == schedule), key=lambda run: run.seed)
    if not found:
        known = ", ".join(dict.fromkeys(run.schedule for run in runs))
        raise UserError(f"schedule: no run of {schedule!r}; there are {known}")
    return found


def by_schedule(runs: Sequence[Tracked]) -> dict[str, list[Tracked]]:
    """The runs of each schedule, seeds ascending; the book's schedules come first and in its order."""
    names = dict.fromkeys(run.schedule for run in runs)
    return {name: of_schedule(runs, name) for name in sorted(names, key=[*COMPARED, *names].index)}


def compared(
    runs: Sequence[Tracked], measures: Mapping[str, Callable[[Tracked], float]], caption: str = ""
) -> Table:
    """A row for each schedule, a column for each measure of a run: mean ± standard deviation over seeds."""
    rows = [(name, *(spread([measure(run) for run in found]) for measure in measures.values()))
            for name, found in by_schedule(runs).items()]
    return Table(("schedule", *measures), rows, caption)
