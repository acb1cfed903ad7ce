"""The finished pieces of a study, kept while it is made: one that was stopped goes on where it was.

A study asks for each piece of its work with ``keep(key, work, *arguments)``. The key names the piece within
the study, and is a part of a file name; the result is plain numbers, as JSON holds them.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrreg_utils.files import writable_folder, write_result

Keep = Callable[..., Any]


def at_once(key: str, work: Callable, *arguments: Any) -> Any:
    """Do a piece of work and keep nothing."""
    return work(*arguments)


class Pieces:
    """Pieces in a working folder: each is read where it is there, else made and kept.

    Args:
        folder: made with the first piece. Its pieces must come from this state of the code.

    Attributes:
        seconds: time that earlier processes spent on the pieces that were read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.seconds = folder, 0.0

    def __call__(self, key: str, work: Callable, *arguments: Any) -> Any:
        path = self.folder / f"{key}.json"
        try:
            kept = json.loads(path.read_bytes())
            self.seconds += kept["seconds"]
        except (OSError, ValueError):  # it is not there, or not whole
            kept = self._make(path, work, *arguments)
        return kept["result"]

    def _make(self, path: Path, work: Callable, *arguments: Any) -> dict:
        started = time.perf_counter()
        result = work(*arguments)
        text = json.dumps({"seconds": time.perf_counter() - started, "result": result})
        if not self.folder.exists():
            writable_folder(self.folder)
        write_result(path, text.encode())
        return json.loads(text)  # what the next process reads
