"""Which runs: chosen and grouped by the fields of their configs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.results.history import History

Measure = Callable[[History], float]
ALONE = {"images": "clean", "patches": "patch_only"}  # what a run is trained on alone: its group
CONSTANT = ("small_lr", "large_lr_constant")  # schedules that never anneal, as figures order them
# The patch experiment and its references inside the same mixture: what the patched examples show
MIXTURES = WITH_PATCH, INERT, IMAGE_REMOVED = "with patch", "inert patch", "image removed"
PLAIN = "images alone"


def field_of(config: Config, name: str) -> Any:
    """A field of a config, or of its schedule after ``schedule.``."""
    holder = config.schedule if name.startswith("schedule.") else config
    return getattr(holder, name.removeprefix("schedule."))


def where(histories: Sequence[History], **fields: Any) -> list[History]:
    """Those runs whose config has these values; the schedule's name is ``schedule``.

    A field of the schedule is written with two underscores: ``schedule__initial_lr=0.1``.

    Raises:
        UserError: there is no such run.
    """
    names = {name: "schedule.name" if name == "schedule" else name.replace("__", ".") for name in fields}
    found = [history for history in histories
             if all(field_of(history.config, names[name]) == value for name, value in fields.items())]
    if not found:
        wanted = ", ".join(f"{name} = {value!r}" for name, value in fields.items())
        raise UserError(f"where: no run has {wanted}")
    return found


def by_field(histories: Sequence[History], field: str, measure: Measure) -> tuple[list, np.ndarray]:
    """A measure for each value of a field.

    Returns:
        The values, ascending, and float64 (values, seeds), seeds ascending.

    Raises:
        UserError: a value without a run for every seed.
    """
    values = sorted({field_of(history.config, field) for history in histories})
    rows = []
    for value in values:
        runs = [history for history in histories if field_of(history.config, field) == value]
        rows.append([measure(run) for run in sorted(runs, key=lambda run: run.config.seed)])
    if len({len(row) for row in rows}) > 1:
        raise UserError(f"by_field: not every {field} has as many runs")
    return values, np.array(rows, dtype=float)


def over_two(histories: Sequence[History], column_field: str, row_field: str, measure: Measure):
    """A measure over two fields: column values, row values, float64 (rows, columns, seeds).

    Raises:
        UserError: a pair without a run, or without one for every seed.
    """
    rows = sorted({field_of(run.config, row_field) for run in histories})
    name = row_field.replace(".", "__")
    tables = [by_field(where(histories, **{name: row}), column_field, measure) for row in rows]
    return tables[0][0], rows, np.stack([values for _, values in tables])


def part_alone(histories: Sequence[History], part: str) -> list[History]:
    """The runs whose training set is one group alone: ``clean`` or ``patch_only``."""
    return [run for run in histories if getattr(run.config.shares, part) == 1]


def kind_of(history: History) -> str:
    """``images`` or ``patches``: what a run was trained on.

    Raises:
        UserError: it was trained on both.
    """
    for kind, part in ALONE.items():
        if getattr(history.config.shares, part) == 1:
            return kind
    raise UserError(f"kind_of: {history.config.label} was not trained on images alone or patches alone")


def mixture_of(config: Config) -> str:
    """What the patched examples of a run show.

    `WITH_PATCH`: images with a patch that tells their class. `INERT`: the patch is there and says nothing
    (strength 0). `IMAGE_REMOVED`: the patch alone, so that images are learned from the clean examples only.
    """
    if config.shares.clean == 1:
        return PLAIN
    if config.patch_strength == 0:
        return INERT
    return WITH_PATCH if config.shares.both > 0 else IMAGE_REMOVED


def of_mixture(histories: Sequence[History], mixture: str) -> list[History]:
    """The runs of one mixture.

    Raises:
        UserError: there is no such run.
    """
    found = [run for run in histories if mixture_of(run.config) == mixture]
    if not found:
        raise UserError(f"of_mixture: there is no run with {mixture}")
    return found


def by_kind(histories: Sequence[History]) -> dict[tuple[str, str], list[History]]:
    """Runs by (kind, schedule), seeds ascending, in the order in which figures show them."""
    groups = {(kind, schedule): [] for schedule in CONSTANT for kind in ALONE}
    for run in sorted(histories, key=lambda run: run.config.seed):
        groups.setdefault((kind_of(run), run.config.schedule.name), []).append(run)
    return {key: runs for key, runs in groups.items() if runs}


# Treatments of the weights' lengths, as `treatment_of` names them
ONE_EPOCH, RESET, LONG = "large_lr for one epoch", "large_lr, lengths reset", "small_lr, weights x 6"


def treatment_of(config: Config) -> str:
    """A run's schedule, and what it does to the lengths of its weights: ``large_lr, lengths reset``."""
    name = config.schedule.name
    if config.schedule.anneal_epochs[:1] == (2,):
        name += " for one epoch"
    if config.initial_scale != 1:
        name += f", weights x {config.initial_scale:g}"
    return name + ", lengths reset" * config.reset_lengths


def by_treatment(histories: Sequence[History]) -> dict[str, list[History]]:
    """Runs by `treatment_of`, in the order in which they come; seeds ascending."""
    groups: dict[str, list[History]] = {}
    for run in sorted(histories, key=lambda run: run.config.seed):
        groups.setdefault(treatment_of(run.config), []).append(run)
    return groups
