"""Waiting for what happens in other processes, however slow the machine is."""

import os
import time
from collections.abc import Callable


def wait_for(happens: Callable[[], object], what: str, seconds: float = 300):
    """The first true value of ``happens``; a failure that names ``what`` where none comes."""
    end = time.monotonic() + seconds
    while not (value := happens()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.1)
    return value


def is_gone(group: int) -> bool:
    """Whether no process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False
