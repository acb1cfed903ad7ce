"""Commands in processes of their own, and waiting for what happens there, however slow the machine is."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

# Its input ends with the process that holds the other end, however that ends
GUARD = "import os, sys; sys.stdin.read(); os.killpg(int(sys.argv[1]), 9)"


@contextmanager
def command(*arguments: str, **options) -> Iterator[subprocess.Popen]:
    """``python -m lrreg_utils ARGUMENTS`` in a session of its own, as from a terminal of its own.

    At the end nothing of it is left, nor where the tests themselves are killed: a guard then kills it.
    """
    with subprocess.Popen([sys.executable, "-m", "lrreg_utils", *arguments], start_new_session=True,
                          **options) as process:
        guard = subprocess.Popen([sys.executable, "-c", GUARD, str(process.pid)], stdin=subprocess.PIPE,
                                 start_new_session=True)
        try:
            yield process
        finally:
            guard.kill()
            guard.communicate()
            with suppress(ProcessLookupError, PermissionError):  # macOS refuses where all have ended
                os.killpg(process.pid, signal.SIGKILL)


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
