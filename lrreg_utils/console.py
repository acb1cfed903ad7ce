"""Command output that never stops a run when it cannot be written: a closed pipe, a full disk.

A reader may leave (``| head``), a file may be on a full disk, and a stream may have been closed.
The first line that fails silences the rest; `end` says so, where it is a mistake to be mended.
"""

import os
import sys

from lrreg_utils.errors import UserError

_failure: OSError | None = None


def begin() -> None:
    """Make both streams safe to write to, before the first line of a command."""
    global _failure
    _failure = None
    sys.stdout, sys.stderr = _open(sys.stdout), _open(sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # names of files may hold what the terminal cannot show
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """Print to standard output, at once; a failure is kept for `end`."""
    global _failure
    try:
        print(text, flush=True)
    except OSError as error:
        _failure = _failure or error
        _silence(sys.stdout)


def note(text: str) -> None:
    """Print one line to standard error, at once, if anybody can read it.

    What the user typed may be part of it: a line break, say, or a code that moves the cursor is spelled out.
    """
    line = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        _silence(sys.stderr)


def end() -> None:
    """Write out what others have printed.

    Raises:
        UserError: standard output could not be written; that its reader has left is no mistake.
    """
    global _failure
    try:
        sys.stdout.flush()
    except OSError as error:
        _failure = _failure or error
        _silence(sys.stdout)
    if _failure is not None and not isinstance(_failure, BrokenPipeError):
        raise UserError("standard output cannot be written "
                        f"({_failure.strerror})")


def _open(stream):
    """The stream, or one to nowhere: Python has None for a stream that was closed before it started."""
    return stream if stream is not None else open(os.devnull, "w", encoding="utf-8")


def _silence(stream) -> None:
    """Lead a stream that failed to nowhere; else Python fails on it once more when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
