"""Work side by side, each piece in a process of its own, with a bar that counts what all of them do."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext
from typing import Any

from lrreg_utils.errors import OutOfTime, UserError

POLL_SECONDS = 0.5
NO_GUARD = 86  # exit status of a worker that met the user's own call again
CONTEXT = multiprocessing.get_context("spawn")  # a forked torch can hang
Work = Callable[[Any, Callable[[], None]], Any]


def usable_cores() -> int:
    """Processor cores that this process may use: affinity and a container's share are taken into account."""
    from joblib import cpu_count

    return cpu_count()


def processes_work() -> bool:
    """Whether this machine lets processes share a count: some containers and phones have no semaphores."""
    try:
        CONTEXT.Lock()
    except (OSError, ImportError, NotImplementedError):
        return False
    return True


def refuse_second_import() -> None:
    """End a worker that imports the user's script and meets there the call that started it.

    Call it first in a function that starts processes. The parent tells the user, see `in_processes`.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SystemExit(NO_GUARD)


def in_processes(work: Work, items: Iterable, count: int, advance: Callable[[int], object]) -> Iterator:
    """Do ``work(item, tick)`` for every item, ``count`` at a time; yield each item with its result.

    A `UserError` or `OutOfTime` that ends an item is its result. When the caller stops, the workers end.

    Args:
        work: a function, or a partial of one, that can be imported; it calls ``tick`` after each part.
        advance: called with the number of ticks since its last call.

    Raises:
        UserError: worker processes cannot be started, or one of them has ended before its work.
    """
    check_program()
    ticks, counted, context = CONTEXT.Value("l", 0), 0, _Context()
    try:
        with _pool(count, context, ticks) as pool:
            futures = {_submit(pool, work, item): item for item in items}
            pending = set(futures)
            while pending:
                finished, pending = wait(pending, POLL_SECONDS, FIRST_COMPLETED)
                before, counted = counted, ticks.value  # read once: workers count on
                advance(counted - before)
                for future in finished:
                    try:
                        yield futures[future], future.result()
                    except (UserError, OutOfTime) as error:
                        yield futures[future], error
    except BrokenProcessPool:
        raise broken({process.exitcode for process in context.started()}) from None


def check_program() -> None:
    """Refuse a program that workers cannot import: each imports the one that started it, if that is a file.

    Raises:
        UserError: its file is none.
    """
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    if getattr(main, "__spec__", None) is None and file is not None and not os.path.exists(file):
        raise UserError(f"workers: processes must import the program that starts them, and {file} is no "
                        'file; save the program as a file, with the call under  if __name__ == "__main__":  '
                        "or choose workers=1")


def _submit(pool: ProcessPoolExecutor, work: Work, item: Any) -> Future:
    try:
        with deaf_to_interrupts():
            return pool.submit(_do, work, item)
    except OSError as error:
        raise UserError(f"workers: no further process can be started ({error.strerror}); "
                        "choose fewer workers") from None


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Start processes here that Ctrl-C never reaches: one that still imports would end in a traceback."""
    resource_tracker.ensure_running()  # starting it later would let interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def broken(statuses: set[int | None]) -> UserError:
    """Say why worker processes ended before their work, by their exit statuses."""
    if NO_GUARD in statuses:
        return UserError("workers: every process imports your script and meets this call again; put what the "
                         'script does under  if __name__ == "__main__":  or choose workers=1')
    if -signal.SIGKILL in statuses:
        return UserError("workers: a process was killed, perhaps because memory ran out; finished epochs are "
                         "kept where a folder was given: start again, with fewer workers")
    ended = ", ".join(str(status) for status in sorted(statuses - {None, 0, -signal.SIGTERM})) or "unknown"
    return UserError(f"workers: a process ended before its work (exit status {ended}); what it printed says "
                     "why, and workers=1 does the same in this process")


def ended(error: Exception) -> str:
    """What ended a run that is no mistake of the user: a GPU that is gone, say. Torch has many kinds."""
    words = (str(error).splitlines() or [""])[0][:200]
    return f"training: a run ended ({type(error).__name__}: {words}); what was kept is kept"


class _Context(SpawnContext):
    """Keeps every process that it makes: others forget one that has ended, and with it its exit status."""

    def __init__(self) -> None:
        self._made: list = []

    def Process(self, *args, **kwargs):
        self._made.append(super().Process(*args, **kwargs))
        return self._made[-1]

    def started(self) -> list:
        return [process for process in self._made if process.pid is not None]


@contextmanager
def _pool(count: int, context: _Context, ticks) -> Iterator[ProcessPoolExecutor]:
    """At its end, all processes have ended and their exit statuses are known."""
    pool = ProcessPoolExecutor(count, context, initializer=_begin_worker, initargs=(ticks,))
    try:
        yield pool
    except BaseException:  # Ctrl-C, say: nobody waits for the work in flight
        for process in context.started():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


_ticks = None  # in a worker process: the count that it shares with the parent


def _begin_worker(ticks) -> None:
    global _ticks
    _ticks = ticks
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all in a terminal; the parent ends them
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    multiprocessing.parent_process().join()
    os._exit(1)


def _do(work: Work, item: Any) -> Any:
    return work(item, _tick)


def _tick() -> None:
    with _ticks.get_lock():
        _ticks.value += 1
