"""What lies in a folder of pictures, looked at before any of it is opened.

ImageFolder would wait for ever on a pipe, go round in a link to a folder above, and leave out without a
word what it may not read.
"""

import os
import stat
from pathlib import Path

from lrreg_utils.errors import UserError


def check_tree(folder: Path, endings: tuple[str, ...]) -> None:
    """Check every folder below ``folder``, and every file that has the ending of a picture.

    Raises:
        UserError: something that cannot be read, a link to a folder above, or what is no ordinary file.
    """
    waiting: list[tuple[str, frozenset]] = [(os.fspath(folder), frozenset())]
    while waiting:
        path, above = waiting.pop()
        identity, names = _look_into(path)
        if identity in above:
            raise UserError(f"data: {path} is a link to a folder above it; remove the link")
        for name in names:
            entry = os.path.join(path, name)
            if os.path.isdir(entry):
                waiting.append((entry, above | {identity}))
            elif name.lower().endswith(endings):
                _check_file(entry)


def _look_into(path: str) -> tuple[tuple[int, int], list[str]]:
    try:
        status = os.stat(path)
        return (status.st_dev, status.st_ino), sorted(os.listdir(path))
    except OSError as error:
        raise UserError(f"data: the folder {path} cannot be read ({error.strerror})") from None


def _check_file(path: str) -> None:
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        what = "is a link to nothing" if os.path.islink(path) else f"cannot be read ({error.strerror})"
        raise UserError(f"data: {path} {what}; remove it or put the picture there") from None
    if not stat.S_ISREG(mode):
        raise UserError(f"data: {path} is not an ordinary file; remove it")
