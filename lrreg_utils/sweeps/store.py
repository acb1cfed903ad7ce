"""The cache for runs without an output folder, one part for each state of the code."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

from lrreg_utils.errors import UserError
from lrreg_utils.files import cache_dir, code_id, writable_folder

DAYS = 30  # what another state of the code left is removed after so many days without use


def run_cache(machine: str) -> Path | None:
    """The folder for runs of this very code on this ``machine``; None where there is no cache to write to.

    Args:
        machine: all besides the code that numbers depend on: device, versions of libraries.
    """
    try:
        folder = cache_dir() / "runs" / code_id(machine)
        writable_folder(folder)
    except UserError:
        return None  # a home that cannot be written costs the safety net, nothing else
    with suppress(OSError):
        folder.touch()
        for other in folder.parent.iterdir():
            if other != folder and time.time() - other.stat().st_mtime > DAYS * 24 * 3600:
                shutil.rmtree(other, ignore_errors=True)
    return folder
