"""Results that are not histories: each a JSON file with its name, command, seeds, provenance and result.

Studies and the toy are such files in ``data/studies``, speed ratios in ``data/benchmarks``. No torch.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lrreg_utils.errors import UserError
from lrreg_utils.files import data_folder
from lrreg_utils.text_files import read_json, version_of, write_json

VERSION = 1
PARTS = {"name": str, "command": str, "seeds": list, "provenance": dict, "result": dict}


def write_study(
    path: Path, command: str, seeds: Iterable[int], provenance: dict[str, Any], result: dict[str, Any]
) -> None:
    """Write a result under the name of its file, whole or not at all.

    Args:
        command: what makes it again.
        seeds: the seeds that it was made with; none for what has none.
        provenance: where it came from, as `lrreg_utils.provenance.origin` says.

    Raises:
        UserError: it cannot be written; what ``path`` held before is still there.
    """
    write_json(path, {"format": "lrreg-study", "version": VERSION, "name": path.stem, "command": command,
                      "seeds": list(seeds), "provenance": provenance, "result": result})


def load_study(path: Path | str) -> dict[str, Any]:
    """Read what `write_study` wrote: name, command, seeds, provenance, result.

    Raises:
        UserError: a file that is missing, damaged, of another version, or no study.
    """
    content = read_json(path, "study")
    version_of(content, "study", VERSION, f"study: {path}", PARTS)
    return content


def recorded_study(name: str) -> dict[str, Any]:
    """The study ``data/studies/NAME.json``: name, command, seeds, provenance, result.

    Raises:
        UserError: no such study is recorded, or its file is damaged.
    """
    path = data_folder("studies") / f"{name}.json"
    if not path.is_file():
        raise UserError(f"study: {name!r} is not recorded; study, theory --study and toy make them")
    return load_study(path)


def rows_where(rows: Sequence[Mapping], **fields) -> list[Mapping]:
    """Those rows of a study that have these values."""
    return [row for row in rows if all(row[name] == value for name, value in fields.items())]
