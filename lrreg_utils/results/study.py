"""A recorded study, read without torch."""

from collections.abc import Mapping, Sequence

from lrreg_utils.errors import UserError
from lrreg_utils.results.history import data_folder
from lrreg_utils.text_files import read_json


def recorded_study(name: str) -> dict:
    """``data/theory/NAME.json`` or ``data/studies/NAME.json``: study, command, seeds, provenance, result.

    Raises:
        UserError: no such study is recorded, or its file is damaged.
    """
    paths = (data_folder(folder) / f"{name}.json" for folder in ("theory", "studies"))
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise UserError(f"study: {name!r} is not recorded; the commands study and theory --study make them")
    return read_json(path, "study")


def rows_where(rows: Sequence[Mapping], **fields) -> list[Mapping]:
    """Those rows of a study that have these values."""
    return [row for row in rows if all(row[name] == value for name, value in fields.items())]
