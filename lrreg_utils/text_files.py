"""Text files that anybody may have written or copied: found, and read whole, or refused in a line."""

import json
from pathlib import Path
from typing import Any

from lrreg_utils.errors import UserError
from lrreg_utils.field_checks import shown

LARGEST_FILE = 2**28  # bytes: far more than any sweep or history, and far less than a device gives
AGAIN = "move it away to begin again"


def listed(folder: Path | str, pattern: str) -> list[Path]:
    """Files below a folder, by name, without what systems hide there: ``._NAME``, ``.ipynb_checkpoints``."""
    folder = Path(folder)
    return sorted(path for path in folder.glob(pattern)
                  if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def read_text(path: Path | str, what: str) -> str:
    """The text of a UTF-8 file, without the mark of byte order that some editors begin it with.

    Args:
        what: the kind of file; a message begins with it.

    Raises:
        UserError: a file that cannot be read, is larger than 256 MiB, or holds other bytes than UTF-8.
    """
    try:
        with open(path, "rb") as source:
            content = source.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # no file has a zero byte in its name
        raise UserError(f"{what}: {path} cannot be read ({getattr(error, 'strerror', error)})") from None
    if len(content) > LARGEST_FILE:
        raise UserError(f"{what}: {path} is no {what}: it holds more than {LARGEST_FILE >> 20} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UserError(f"{what}: {path} is not UTF-8 (but UTF-16 perhaps, or damaged); save it as UTF-8")
    return text


def read_json(path: Path | str, what: str) -> Any:
    """What a JSON file holds: each key once, and finite numbers alone.

    Raises:
        UserError: see `read_text`; or text that is not such JSON.
    """
    text = read_text(path, what)
    try:
        return json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{what}: {path} is not whole JSON: it is cut off, or not a {what} ({error}); "
                        f"{AGAIN}") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{shown(next(key for key in keys if keys.count(key) > 1))} stands twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")
