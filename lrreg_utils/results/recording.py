"""Recordings: all runs of a sweep in one file, and the histories that lie in files and folders.

A recording ``NAME.jsonl`` is JSON Lines. Its first line is a header: format, version, sweep, command, number
of runs, and the part of the config that all runs share. Then each run has a line: the rest of its config, its
provenance and its columns, sorted by schedule, varied fields and seed. A field of the schedule is written
``schedule.initial_lr``, as in a sweep file.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.field_checks import shown
from lrreg_utils.files import data_folder, write_result
from lrreg_utils.results.history import History, history_from, load_history
from lrreg_utils.text_files import AGAIN, listed, parse_json, read_text, version_of

VERSION = 2  # version 1 held configs without the fields that came later
ENDING = ".jsonl"


@dataclass(frozen=True)
class Recording:
    """The runs of a sweep.

    Attributes:
        sweep: name of the sweep file.
        command: what makes the runs again.
        runs: sorted by schedule, varied fields and seed.
    """

    sweep: str
    command: str
    runs: list[History]


def write_recording(path: Path, sweep: str, command: str, histories: Iterable[History]) -> None:
    """Write histories as one recording, whole or not at all; of a run given twice, the last.

    Raises:
        UserError: it cannot be written; what ``path`` held before is still there.
    """
    runs = {history.config.id: history for history in histories}
    configs = {id: _flat(run.config.as_dict()) for id, run in runs.items()}
    first = next(iter(configs.values()))
    shared = {name: value for name, value in first.items()
              if all(config[name] == value for config in configs.values())}
    ranks = {"schedule.name": 0, "seed": 2}  # the schedule's name counts first, the seed last
    varied = sorted(first.keys() - shared.keys(), key=lambda name: (ranks.get(name, 1), name))

    def place(id: str) -> list[tuple]:
        return [(configs[id][name] is not None, configs[id][name]) for name in varied]

    header = {"format": "lrreg-recording", "version": VERSION, "sweep": sweep, "command": command,
              "runs": len(runs), "config": shared}
    lines = [header] + [
        {"config": {name: configs[id][name] for name in varied}, "provenance": runs[id].provenance,
         "columns": runs[id].columns} for id in sorted(runs, key=place)]
    write_result(path, "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode())


def load_recording(path: Path | str) -> Recording:
    """Read what `write_recording` wrote.

    Raises:
        UserError: a file that is missing, cut off, of another version, changed by hand, or no recording; it
            names the file and the line in it.
    """
    first, *lines = read_text(path, "recording").rstrip("\n").split("\n")
    header, version = _header(first, len(lines), f"recording: {path}, line 1,")
    runs: dict[Config, History] = {}
    for number, line in enumerate(lines, start=2):
        where = f"recording: {path}, line {number},"
        run = _run(parse_json(line, where), header["config"], where, version < VERSION)
        if runs.setdefault(run.config, run) is not run:
            raise UserError(f"{where} is a run that an earlier line holds; {AGAIN}")
    return Recording(header["sweep"], header["command"], list(runs.values()))


def _header(line: str, count: int, where: str) -> tuple[dict[str, Any], int]:
    header = parse_json(line, where)
    version = version_of(header, "recording", VERSION, where, {"sweep": str, "command": str, "config": dict})
    if header.get("runs") != count:
        raise UserError(f"{where} says {shown(header.get('runs'))} runs, but {count} follow: it is cut off "
                        f"or was changed by hand; {AGAIN}")
    return header, version


def _run(content: Any, shared: dict[str, Any], where: str, earlier: bool) -> History:
    try:
        config = _nested(shared | content["config"])
    except (KeyError, TypeError, AttributeError):
        raise UserError(f"{where} is damaged: it is no run with a config; {AGAIN}") from None
    return history_from(content | {"config": config}, where, earlier)


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by their names with dots."""
    found = {}
    for name, value in values.items():
        found |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    """What `_flat` was given."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        *outer, last = name.split(".")
        table = found
        for one in outer:
            table = table.setdefault(one, {})
        table[last] = value
    return found


def load_histories(source: Path | str) -> list[History]:
    """Every history in a file, or in a folder of histories (``.json``) and recordings (``.jsonl``).

    They come in the order of file names; of a run that is there twice, the first.

    Raises:
        UserError: nothing there, no history in it, one that cannot be read, or two of one run that differ.
    """
    files = [Path(source)]
    if os.path.isdir(source):
        files = listed(source, "*.json") + listed(source, f"*{ENDING}")
    found: dict[Config, tuple[Path, History]] = {}
    for file in files:
        for history in load_recording(file).runs if file.suffix == ENDING else [load_history(file)]:
            first, kept = found.setdefault(history.config, (file, history))
            if kept.columns != history.columns:  # a copy that a browser or a sync service made counts once
                raise UserError(f"history: {first} and {file.name} are one run with other numbers; "
                                "move one of them away")
    if not found:
        raise UserError(f"history: there is no history (*.json, *.jsonl) in {source}")
    return [history for _, history in found.values()]


def recordings() -> list[str]:
    """Names of the recordings that come with the book."""
    try:
        return [path.stem for path in listed(data_folder("recordings"), f"*{ENDING}")]
    except UserError:  # the package was copied without its data
        return []


def recording(name: str) -> Recording:
    """The recording ``data/recordings/NAME.jsonl``.

    Raises:
        UserError: no such recording.
    """
    if name not in recordings():
        raise UserError(f"recorded: there is no recording {name!r}; there are {', '.join(recordings())}")
    return load_recording(data_folder("recordings") / f"{name}{ENDING}")


def recorded(name: str) -> list[History]:
    """The runs of a recording that comes with the book.

    Raises:
        UserError: no such recording.
    """
    return recording(name).runs


def histories_at(source: str) -> list[History]:
    """The histories that a name on the command line means: a folder, a file, or a recording.

    Raises:
        UserError: nothing of the kind, or a history that cannot be read.
    """
    if source.endswith((".json", ENDING)) or os.path.exists(source):  # Path's own takes no long name
        return load_histories(source)
    return recorded(source)
