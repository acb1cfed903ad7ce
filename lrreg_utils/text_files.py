"""Text files that anybody may have written or copied: found, read whole or refused in a line, and written."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

from lrreg_utils.errors import UserError
from lrreg_utils.field_checks import shown
from lrreg_utils.files import write_result

LARGEST_FILE = 2**28  # bytes: far more than any sweep or history, and far less than a device gives
PIECE = 2**20  # bytes read at a time: a read takes memory for all that it asks for, however short the file
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
            content = b"".join(islice(iter(lambda: source.read(PIECE), b""), LARGEST_FILE // PIECE + 1))
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
    return parse_json(read_text(path, what), f"{what}: {path}")


def parse_json(text: str, where: str) -> Any:
    """What JSON text says: each key once, and finite numbers alone.

    Args:
        where: what the text was read from; a message begins with it.

    Raises:
        UserError: text that is not such JSON.
    """
    try:
        return json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where} is not whole JSON: it is cut off, or of another kind ({error}); "
                        f"{AGAIN}") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{shown(next(key for key in keys if keys.count(key) > 1))} stands twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def version_of(content: Any, kind: str, newest: int, where: str, parts: dict[str, type] | None = None) -> int:
    """The version that the head of a file gives, from 1 to the newest that is read here.

    Args:
        kind: of file; its format is ``lrreg-KIND``.
        where: what the content was read from; a message begins with it.
        parts: what else the head must hold, and of which type.

    Raises:
        UserError: a file of another kind or version, or one that lacks a part.
    """
    if not isinstance(content, dict) or content.get("format") != f"lrreg-{kind}":
        raise UserError(f"{where} is JSON, but not a {kind} written by lrreg_utils")
    version = content.get("version")
    if type(version) is not int or not 1 <= version <= newest:
        raise UserError(f"{where} has version {shown(version)}; this lrreg_utils reads versions up to "
                        f"{newest}: use the release that wrote it, or {AGAIN}")
    for name, type_ in (parts or {}).items():
        if not isinstance(content.get(name), type_):
            raise UserError(f"{where} is damaged: {name} is missing or of the wrong kind; {AGAIN}")
    return version


WIDTH = 110  # characters


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write values as JSON, whole or not at all.

    A dict, or a list of dicts, that is longer than a line has a line for each entry: then what changes is few
    lines, and the file is small.

    Raises:
        UserError: it cannot be written; what ``path`` held before is still there.
    """
    write_result(path, f"{_laid_out(content)}\n".encode())


def _laid_out(value: Any, margin: str = "") -> str:
    text = json.dumps(value)
    if len(margin) + len(text) <= WIDTH:
        return text
    inner = margin + " "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(str(key))}: {_laid_out(one, inner)}" for key, one in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, list) and isinstance(value[0], dict):
        return "[\n" + ",\n".join(inner + _laid_out(one, inner) for one in value) + f"\n{margin}]"
    return text
