"""Collects a sweep's runs into one file.

While it works, ``NAME.jsonl`` has a folder ``NAME.runs`` beside it with one history per run, which survives
kill -9 and serves many processes at once. A run in either place is finished. When all are, the histories
are written into the file, and the folder is removed.
"""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from lrreg_utils.errors import UserError
from lrreg_utils.files import remove_leftovers
from lrreg_utils.locks import locked
from lrreg_utils.results.history import History, load_history
from lrreg_utils.results.recording import ENDING, load_recording, write_recording
from lrreg_utils.text_files import listed

WORKING = ".runs"


def working_folder(path: Path) -> Path:
    """Where the runs of a recording are kept until all are finished."""
    return path.with_suffix(WORKING)


def packed_run(id: str, folder: Path) -> tuple[Path, History] | None:
    """The recording beside a working folder, and the run in it with this id, where there is one.

    Raises:
        UserError: the recording cannot be read.
    """
    path = folder.with_suffix(ENDING)
    found = _packed(path).get(id) if folder.suffix == WORKING else None
    return found and (path, found)


def _packed(path: Path) -> dict[str, History]:
    """The runs of a recording by id; none where there is no file yet."""
    try:
        state = path.stat()
    except OSError:
        return {}
    return _by_id(path, state.st_ino, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1)
def _by_id(path: Path, *state: int) -> dict[str, History]:
    return {run.config.id: run for run in load_recording(path).runs}


def pack(path: Path, sweep: str, command: str, histories: Iterable[History]) -> None:
    """Add histories, and all others in the working folder, to a recording; then remove the folder.

    Raises:
        UserError: the recording cannot be written or does not hold what was written; the folder is left.
    """
    folder = working_folder(path)
    with suppress(OSError):
        (folder / ".locks").mkdir(exist_ok=True)
    with locked(folder / ".locks" / "pack") as held:  # another sweep may be packed into the same file
        if held:
            remove_leftovers(path)
        files = listed(folder, "*.json")
        kept = _packed(path)
        runs = {run.config.id: run for run in [*map(load_history, files), *histories]} | kept
        if runs.keys() != kept.keys():
            write_recording(path, sweep, command, runs.values())
            back = _packed(path)
            if back.keys() != runs.keys() or any(_parts(back[id]) != _parts(run) for id, run in runs.items()):
                raise UserError(f"output: {path} does not hold what was written; the runs are in {folder}")
        for file in files:
            file.unlink(missing_ok=True)
        left = {path.stem for ending in ("*.json", "*.pt") for path in listed(folder, ending)}
        begun = {path.name for path in listed(folder / ".locks", "*")}
        if left | begun <= {run.config.label for run in runs.values()} | {"pack"}:  # no run of another sweep
            shutil.rmtree(folder, ignore_errors=True)


def _parts(run: History) -> tuple:
    return run.config.as_dict(), run.provenance, run.columns  # not the path of a folder of images
