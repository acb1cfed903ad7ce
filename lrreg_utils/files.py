"""Where files go, and writing them so that a reader never meets half of one."""

import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from lrreg_utils.errors import UserError


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then rename it into place.

    Raises:
        OSError: the folder cannot be written, or the disk is full; ``path`` is untouched.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as target:
            write(target)
            target.flush()
            os.fsync(target.fileno())
        os.chmod(name, 0o644)  # mkstemp makes files that only their owner can read
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def write_result(path: Path, content: bytes) -> None:
    """Write what a command has made, whole or not at all.

    Raises:
        UserError: it cannot be written; what ``path`` held before is still there.
    """
    try:
        write_atomically(path, lambda target: target.write(content))
    except OSError as error:
        raise UserError(f"output: {path} cannot be written ({error.strerror})") from None


def remove_leftovers(*paths: Path) -> None:
    """Remove temporary files that `write_atomically` left when its process was killed.

    Only for the one process that may write these paths.
    """
    for path in paths:
        for leftover in path.parent.glob(f".{path.name}.*"):
            leftover.unlink(missing_ok=True)


def whole_zip(path: Path | str) -> bool:
    """Whether a file is a zip archive, as torch writes them, of which every part fits its checksum."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except Exception:  # zipfile raises many kinds for a damaged archive
        return False


def writable_folder(path: Path) -> Path:
    """Make a folder and try it out, before hours of work depend on it.

    Raises:
        UserError: it cannot be made or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise UserError(f"output: {path} cannot be written ({error.strerror})") from None
    return path


def cache_dir() -> Path:
    """Where downloads and decoded folders are kept: ``$LRREG_CACHE`` or ``~/.cache/lrreg_utils``.

    Raises:
        UserError: neither is there.
    """
    if folder := os.environ.get("LRREG_CACHE"):
        return Path(folder)
    try:
        return Path.home() / ".cache" / "lrreg_utils"
    except RuntimeError:
        raise UserError("cache: no home folder; set LRREG_CACHE to a folder") from None
