"""A lock between processes, where the file system has locks."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold the lock file at ``path``; gives False, and no lock, where the file system has none.

    Network drives, FUSE mounts and folders of other users may refuse locks. A lock keeps two processes
    from doing the same work twice; without it nothing is lost.
    """
    lock = FileLock(path)
    try:
        lock.acquire()
    except (OSError, NotImplementedError):
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
