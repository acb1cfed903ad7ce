"""Where files go, and writing them so that a reader never meets half of one."""

import errno
import glob
import hashlib
import os
import secrets
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from lrreg_utils.errors import UserError

# What a file system answers that cannot say when a file has reached the disk; the file is whole all the same
NO_FSYNC = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then rename it into place.

    Raises:
        OSError: the folder cannot be written, or the disk is full; ``path`` is untouched.
    """
    name = path.with_name(f"{_hidden(path)}.{secrets.token_hex(4)}")
    # "x": readable to whom the user's umask allows, without a change of mode that a mount may refuse
    target = name.open("xb")
    try:
        with target:
            write(target)
            target.flush()
            _reach_disk(target)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _hidden(path: Path) -> str:
    """The name of a temporary file but for its last part, short enough where ``path``'s own is."""
    return f".{path.name[:200]}"


def _reach_disk(target: BinaryIO) -> None:
    try:
        os.fsync(target.fileno())
    except OSError as error:
        if error.errno not in NO_FSYNC:
            raise


def write_result(path: Path, content: bytes) -> None:
    """Write what a command has made, whole or not at all.

    Raises:
        UserError: it cannot be written; what ``path`` held before is still there.
    """
    try:
        write_atomically(path, lambda target: target.write(content))
    except OSError as error:
        raise unwritten(path, error) from None


def unwritten(path: Path, error: Exception) -> UserError:
    """Say which file could not be written, why, and what to do where a disk is full.

    Args:
        error: an `OSError`, or what torch makes of one: it hides a full disk in a ``RuntimeError``.
    """
    reason = getattr(error, "strerror", None) or "no space left, or a failing disk"
    full = not isinstance(error, OSError) or error.errno in NO_ROOM
    return UserError(f"output: {path} cannot be written ({reason})"
                     + ("; make room there and start again" if full else ""))


def remove_leftovers(*paths: Path) -> None:
    """Remove temporary files that `write_atomically` left when its process was killed.

    Only for the one process that may write these paths.
    """
    for path in paths:
        for leftover in path.parent.glob(f"{glob.escape(_hidden(path))}.*"):
            with suppress(OSError):
                leftover.unlink()


def whole_zip(path: Path | str) -> bool:
    """Whether a file is a zip archive, as torch writes them, of which every part fits its checksum."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except Exception:  # zipfile raises many kinds for a damaged archive
        return False


def writable_folder(path: Path) -> Path:
    """Make a folder and try in it all that keeping a result needs, before hours of work depend on it.

    Raises:
        UserError: it cannot be made, or a file in it cannot be written, replaced or removed.
    """
    trial = path / f".trial-{secrets.token_hex(4)}"
    try:
        path.mkdir(parents=True, exist_ok=True)
        for content in (b"first", b"second"):
            write_atomically(trial, lambda target, content=content: target.write(content))
        trial.unlink()
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"output: {path} cannot be written ({reason}); choose another folder") from None
    return path


def data_folder(name: str) -> Path:
    """``data/NAME`` in the repository, or in the installed package.

    Raises:
        UserError: no such folder.
    """
    here = Path(__file__).parent
    for data in (here / "data", here.parent / "data"):
        if name and os.path.isdir(data / name):
            return data / name
    raise UserError(f"data: there is no folder {name!r} of recorded results")


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


def code_id(machine: str) -> str:
    """A fingerprint of this package's code and of ``machine``, on which numbers depend besides."""
    digest = hashlib.sha256(machine.encode())
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
