"""What a run leaves behind: one row of numbers an epoch, and where they came from.

A history is JSON, and is read without torch.
"""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.schedule import COMPARED
from lrreg_utils.field_checks import LARGEST, shown
from lrreg_utils.files import write_result
from lrreg_utils.text_files import AGAIN, listed, read_json

FORMAT = "lrreg-history"
VERSION = 1


@dataclass(frozen=True)
class History:
    """The columns of one run.

    Attributes:
        config: what was run.
        columns: name to one value an epoch; ``None`` where a group is empty. ``epoch`` (from 1),
            ``lr``, ``noise_std``; ``train_GROUP_loss`` and ``train_GROUP_accuracy`` for the groups
            clean, patch_only and both, running means over the epoch in training mode;
            ``test_PROBE_loss`` and ``test_PROBE_accuracy`` for the probes clean, patched and
            patch_only, after the epoch. Loss is cross entropy in nats, accuracy in percent.
        provenance: data, device, versions, date, duration in seconds.
    """

    config: Config
    columns: dict[str, list[float | None]]
    provenance: dict[str, Any]

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
        content = {
            "format": FORMAT,
            "version": VERSION,
            "id": self.config.id,
            "config": self.config.as_dict(),
            "provenance": self.provenance,
            "columns": self.columns,
        }
        # a line for each entry: small differences, and small files
        body = ",\n".join(f"{json.dumps(k)}: {_json(v)}" for k, v in content.items())
        write_result(path, f"{{\n{body}\n}}\n".encode())


def _json(value: Any) -> str:
    if not isinstance(value, dict):
        return json.dumps(value)
    return "{\n" + ",\n".join(f" {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()) + "\n}"


def load_history(path: Path | str) -> History:
    """Read a history that `History.save` wrote.

    Raises:
        UserError: a file that is missing, cut off, of another version, changed by hand, or no
            history at all.
    """
    content = read_json(path, "history")
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f"history: {path} is JSON, but not a history written by lrreg_utils")
    if type(content.get("version")) is not int or content["version"] != VERSION:
        raise UserError(
            f"history: {path} has version {shown(content.get('version'))}; this lrreg_utils reads version "
            f"{VERSION}: use the release that wrote it, or {AGAIN}"
        )
    try:
        history = History(Config.from_dict(content["config"]), content["columns"], content["provenance"])
        _check_parts(history, content["id"])
    except KeyError as error:
        raise UserError(f"history: {path} is damaged: {error} is missing; {AGAIN}") from None
    except ValueError as error:
        raise UserError(f"history: {path} is damaged: {error}; {AGAIN}") from None
    return history


def _check_parts(history: History, id: Any) -> None:
    if not (isinstance(history.columns, dict) and isinstance(history.provenance, dict)):
        raise ValueError("its columns or its provenance are not named")
    for name, column in history.columns.items():
        if not isinstance(column, list) or not all(_is_number(value) for value in column):
            raise ValueError(f"column {shown(name)} does not hold numbers alone")
    rows = {len(column) for column in history.columns.values()}
    if rows != {history.config.epochs} or id != history.config.id:
        raise ValueError("its columns or its id do not fit its config")
    if not isinstance(history.provenance["data"], str):
        raise ValueError("provenance: data is not text")


def _is_number(value: Any) -> bool:
    """Whether a value is one that a column can hold, and NumPy a float."""
    if type(value) is float:
        return math.isfinite(value)
    return value is None or (type(value) is int and abs(value) < LARGEST)


def load_histories(folder: Path | str) -> list[History]:
    """Every history in a folder, ordered by file name; of a run that lies there twice, the first.

    Raises:
        UserError: no such folder, no history in it, one that cannot be read, or two of one run that differ.
    """
    found: dict[Config, tuple[Path, History]] = {}
    for file in listed(folder, "*.json"):
        history = load_history(file)
        first, kept = found.setdefault(history.config, (file, history))
        if kept.columns != history.columns:  # a copy that a browser or a sync service made counts once
            raise UserError(f"history: {first} and {file.name} are one run with other numbers; "
                            "move one of them away")
    if not found:
        raise UserError(f"history: there is no history (*.json) in {folder}")
    return [history for _, history in found.values()]


def data_folder(name: str) -> Path:
    """``data/NAME`` in the repository, or in the installed package.

    Raises:
        UserError: no such folder.
    """
    for data in _data_folders():
        if name and os.path.isdir(data / name):
            return data / name
    raise UserError(f"recorded: there is no recording {name!r}; there are {', '.join(recordings())}")


def recordings() -> list[str]:
    """Names of the recordings that come with the book."""
    folders = (folder for data in _data_folders() for folder in listed(data, "*"))
    return sorted({folder.name for folder in folders if any(listed(folder, "*-seed*-*.json"))})


def _data_folders() -> list[Path]:
    here = Path(__file__).parents[1]
    return [here / "data", here.parent / "data"]


def recorded(name: str) -> list[History]:
    """The runs recorded under ``data/NAME``.

    Raises:
        UserError: no such recording.
    """
    return load_histories(data_folder(name))


def histories_at(source: str) -> list[History]:
    """The histories that a name on the command line means: a folder, a file, or a recording.

    Raises:
        UserError: nothing of the kind, or a history that cannot be read.
    """
    if os.path.isdir(source):  # unlike Path's own, these take a name of any length
        return load_histories(source)
    if source.endswith(".json") or os.path.exists(source):
        return [load_history(source)]
    return recorded(source)


def by_schedule(histories: list[History]) -> dict[str, list[History]]:
    """Histories grouped by schedule, each group ordered by seed.

    The schedules of the patch experiment come first and in its order, then others as they appear.
    """
    groups: dict[str, list[History]] = {name: [] for name in COMPARED}
    for history in sorted(histories, key=lambda history: history.config.seed):
        groups.setdefault(history.config.schedule.name, []).append(history)
    return {name: runs for name, runs in groups.items() if runs}
