"""The history of one run: one row of numbers per epoch, and where they came from.

A history is JSON, and is read without torch.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config, fingerprint
from lrreg_utils.experiments.schedule import COMPARED
from lrreg_utils.field_checks import LARGEST, shown
from lrreg_utils.text_files import AGAIN, read_json, version_of, write_json

VERSION = 3
# Fields that came with version 3, and before it with version 2: earlier files leave them out, and these are
# the values that every run had until then
THIRD = {"norm": "batch", "initial_scale": 1.0, "reset_lengths": False}
SECOND = {"train_size": None, "precision": "float32", "compile": False, "passes": 1,
          "initialization": "torch", "patch_place": "center"}
SECOND_OF_SCHEDULE = {"noise_kind": "activation"}


@dataclass(frozen=True)
class History:
    """The columns of one run.

    Attributes:
        config: what was run.
        columns: name to one value an epoch; ``None`` where a group is empty. ``epoch`` (from 1),
            ``lr``, ``noise_std``; ``train_GROUP_loss`` and ``train_GROUP_accuracy`` for the groups
            clean, patch_only and both, running means over the epoch in training mode;
            ``test_PROBE_loss`` and ``test_PROBE_accuracy`` for the probes clean, patched and
            patch_only, after the epoch; ``weight_length``, the mean length of a channel's incoming weights
            before batch norm, after the epoch (not in runs of versions 1 and 2). Loss is cross entropy in
            nats, accuracy in percent.
        provenance: data, device, versions, date, duration in seconds.
    """

    config: Config
    columns: dict[str, list[float | None]]
    provenance: dict[str, Any]

    def __repr__(self) -> str:
        """One line: a notebook shows a list of histories, and all their numbers would fill pages."""
        run = self.config
        epochs = f"{len(next(iter(self.columns.values()), ()))} epochs"
        return f"<History: {run.data}, {run.schedule.name}, seed {run.seed}, {epochs}>"

    def __getitem__(self, column: str) -> np.ndarray:
        """One column, float64 (epochs,), NaN where there was no example.

        Raises:
            UserError: no such column.
        """
        if column not in self.columns:
            raise UserError(f"history: no column {column!r}; there are {', '.join(self.columns)}")
        return np.array(self.columns[column], dtype=float)

    def at(self, column: str, epoch: int) -> float:
        """The value of a column after an epoch (from 1; -1 is the last)."""
        return float(self[column][epoch - 1 if epoch > 0 else epoch])

    def save(self, path: Path) -> None:
        """Write to ``path``, whole or not at all.

        Raises:
            UserError: it cannot be written.
        """
        config = self.config.as_dict()
        write_json(path, {"format": "lrreg-history", "version": VERSION, "id": fingerprint(config),
                          "config": config, "provenance": self.provenance, "columns": self.columns})


def load_history(path: Path | str) -> History:
    """Read a history that `History.save` wrote.

    Raises:
        UserError: a file that is missing, cut off, of another version, changed by hand, or no
            history at all.
    """
    content = read_json(path, "history")
    version = version_of(content, "history", VERSION, f"history: {path}")
    return history_from({"id": None} | content, f"history: {path}", earlier=version < VERSION)


def history_from(content: dict[str, Any], where: str, earlier: bool = False) -> History:
    """The history that parts read from a file say: config, columns, provenance, and the config's id if given.

    Args:
        where: the file; a message begins with it.
        earlier: whether the config is one of an earlier version.

    Raises:
        UserError: parts that are missing, of another kind, or do not fit each other.
    """
    try:
        config = content["config"]
        if "id" in content and content["id"] != fingerprint(config):
            raise ValueError("its id does not fit its config")
        history = History(Config.from_dict(completed(config) if earlier else config), content["columns"],
                          content["provenance"])
        _check_parts(history)
    except KeyError as error:
        raise UserError(f"{where} is damaged: {error} is missing; {AGAIN}") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise UserError(f"{where} is damaged: {error}; {AGAIN}") from None
    return history


def completed(config: dict[str, Any]) -> dict[str, Any]:
    """A config as files of earlier versions hold it, with the fields that they leave out."""
    return THIRD | SECOND | config | {"schedule": SECOND_OF_SCHEDULE | config["schedule"]}


def earlier_labels(config: Config) -> list[str]:
    """The labels of a run in the names of files of version 2 and of version 1."""
    second = _without(config.as_dict(), THIRD)
    first = _without(second, SECOND)
    first["schedule"] = _without(first["schedule"], SECOND_OF_SCHEDULE)
    return [config.label.removesuffix(config.id) + fingerprint(values) for values in (second, first)]


def _without(values: dict[str, Any], first: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in first or value != first[name]}


def _check_parts(history: History) -> None:
    if not (isinstance(history.columns, dict) and isinstance(history.provenance, dict)):
        raise ValueError("its columns or its provenance are not named")
    for name, column in history.columns.items():
        if not isinstance(column, list) or not all(_is_number(value) for value in column):
            raise ValueError(f"column {shown(name)} does not hold numbers alone")
    if {len(column) for column in history.columns.values()} != {history.config.epochs}:
        raise ValueError("its columns do not fit its config")
    if not isinstance(history.provenance["data"], str):
        raise ValueError("provenance: data is not text")


def _is_number(value: Any) -> bool:
    """Whether a value is one that a column can hold, and NumPy a float."""
    if type(value) is float:
        return math.isfinite(value)
    return value is None or (type(value) is int and abs(value) < LARGEST)


def by_schedule(histories: Iterable[History]) -> dict[str, list[History]]:
    """Histories grouped by schedule, each group ordered by seed.

    The schedules of the patch experiment come first and in its order, then others as they appear.
    """
    groups: dict[str, list[History]] = {name: [] for name in COMPARED}
    for history in sorted(histories, key=lambda history: history.config.seed):
        groups.setdefault(history.config.schedule.name, []).append(history)
    return {name: runs for name, runs in groups.items() if runs}
