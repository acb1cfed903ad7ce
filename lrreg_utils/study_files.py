"""A recorded study of the theory, read without torch."""

import json

from lrreg_utils.errors import UserError
from lrreg_utils.history import data_folder


def recorded_study(name: str) -> dict:
    """``data/theory/NAME.json``: study, command, seeds, provenance, result.

    Raises:
        UserError: no such study is recorded.
    """
    path = data_folder("theory") / f"{name}.json"
    if not path.is_file():
        raise UserError(f"theory: study {name!r} is not recorded; the command theory --study makes it")
    return json.loads(path.read_text(encoding="utf-8"))
