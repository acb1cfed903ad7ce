"""Many runs: train each once, several side by side, and keep every history as it comes.

In a folder, a run's history and, until it is finished, its checkpoint have names made from its
config alone. So a bag of runs that was stopped goes on where it was and loses the epoch in flight
at most, and two processes on the same folder share the work: a lock for each run lets the second
wait, and then read what the first has made.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from time import time as now

from filelock import FileLock
from tqdm import tqdm

from lrreg_utils.config import Config
from lrreg_utils.errors import OutOfTime, UserError
from lrreg_utils.files import remove_leftovers, writable_folder
from lrreg_utils.history import History, load_history

POLL_SECONDS = 0.5


def history_path(config: Config, folder: Path) -> Path:
    """The file of a run's history: a function of its config alone."""
    return folder / f"{config.label}.json"


def run_all(
    configs: list[Config],
    device: str = "auto",
    workers: int | None = None,
    folder: Path | str | None = None,
    progress: bool = True,
    minutes: float | None = None,
    on_run: Callable[[Config, int, int], None] = lambda config, finished, total: None,
) -> list[History]:
    """Train every config and return the histories in the same order.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``.
        workers: runs at the same time; by default one for each processor core, or one on a GPU.
        folder: where each history is kept, and the checkpoint of each run that is not finished;
            a run whose history is there already is read, not trained again. None keeps nothing.
        progress: show a bar over all epochs.
        minutes: stop after this time, at the end of the epochs in flight; needs a folder.
        on_run: called when a run is finished, with how many are and of how many.

    Raises:
        OutOfTime: the minutes have passed; the next call goes on.
        UserError: a config, data source, device or folder that cannot be used, before any training;
            or, after all the others have ended, the runs that failed.
    """
    from lrreg_utils.devices import choose_device  # torch: only where something is trained
    from lrreg_utils.images import prepare

    if minutes is not None and folder is None:
        raise UserError("minutes: a folder is needed, to go on from")
    end = None if minutes is None else now() + 60 * minutes
    chosen = choose_device(device).type
    target = None if folder is None else Path(folder)
    done = {config: found for config in configs if (found := kept_history(config, target))}
    missing = [config for config in dict.fromkeys(configs) if config not in done]
    for data in {(config.data, config.image_size): config for config in missing}.values():
        prepare(data)  # a data source that cannot be read ends it all here, before anything is written
    if target is not None:
        writable_folder(target)

    count = min(workers or (1 if chosen == "cuda" else os.cpu_count() or 1), max(1, len(missing)))
    total = sum(config.epochs for config in missing)
    failed: dict[Config, UserError] = {}
    with tqdm(total=total, unit="epoch", disable=not (progress and missing), leave=False) as bar:
        train_each = _in_this_process if count == 1 else _in_processes
        for config, outcome in train_each(missing, chosen, target, count, bar, end):
            if isinstance(outcome, UserError):
                failed[config] = outcome
            elif isinstance(outcome, History):
                done[config] = outcome
                on_run(config, len(done), len(set(configs)))
    report(failed, len(configs))
    if missing and len(done) < len(set(configs)):
        raise OutOfTime(f"{len(done)} of {len(set(configs))} runs are finished; start again to go on")
    return [done[config] for config in configs]


def report(failed: dict[Config, Exception], total: int) -> None:
    """Raise one `UserError` that names every run that failed, where there is one."""
    if failed:
        lines = [str(error).strip().splitlines()[-1] for error in failed.values()]
        named = [line if config.label in line else f"{config.label}: {line}"
                 for config, line in zip(failed, lines, strict=True)]
        raise UserError(f"{len(failed)} of {total} runs failed: {'; '.join(named)}")


def train_and_keep(
    config: Config,
    device: str,
    folder: Path | None,
    on_epoch: Callable[[int, dict], None] = lambda epoch, row: None,
    end: float | None = None,
) -> History:
    """Train one run, or go on with it, and keep its history in ``folder``.

    Where another process is on the same run, wait for it and read what it has made.

    Args:
        end: when to stop, in seconds since 1970: after the epoch in flight, which is kept.

    Raises:
        UserError: see `lrreg_utils.training.train`.
        OutOfTime: ``end`` has come before the last epoch.
    """
    from lrreg_utils.training import train

    if folder is None:
        return train(config, device, on_epoch=on_epoch).history
    in_time(end)
    path = history_path(config, folder)
    checkpoint = path.with_suffix(".pt")
    with alone(config, folder):
        if (found := kept_history(config, folder)) is not None:
            return found

        def after_epoch(epoch: int, row: dict) -> None:
            on_epoch(epoch, row)
            if epoch < config.epochs:
                in_time(end)

        history = train(config, device, on_epoch=after_epoch, checkpoint=checkpoint).history
        history.save(path)
        checkpoint.unlink()
    return history


@contextmanager
def alone(config: Config, folder: Path) -> Iterator[None]:
    """The time in which this process alone works on a run; what a killed one left half-written is removed."""
    path = history_path(config, folder)
    with FileLock(writable_folder(folder / ".locks") / config.label):
        remove_leftovers(path, path.with_suffix(".pt"))
        yield


def in_time(end: float | None) -> None:
    """Raise `OutOfTime` where ``end``, in seconds since 1970, has come."""
    if end is not None and now() >= end:
        raise OutOfTime("the time that was given has passed")


def kept_history(config: Config, folder: Path | None) -> History | None:
    """The history of a finished run, where the folder has one.

    Raises:
        UserError: it cannot be read, or was made from other images.
    """
    if folder is None or not os.path.exists(history_path(config, folder)):  # for names of any length
        return None
    path = history_path(config, folder)
    found = load_history(path)
    if config.data.startswith("folder:"):  # two folders of one name give a run the same id
        from lrreg_utils.images import prepare

        if found.provenance.get("data_sha256") != prepare(config).sha256:
            raise UserError(
                f"output: {path} was made from other images; choose another --out or move it away"
            )
    return found


Outcome = tuple[Config, History | UserError | OutOfTime]


def _in_this_process(
    configs: list[Config], device: str, folder: Path | None, count: int, bar: tqdm, end: float | None
) -> Iterator[Outcome]:
    for config in configs:
        try:
            yield config, train_and_keep(config, device, folder, lambda epoch, row: bar.update(), end)
        except (UserError, OutOfTime) as error:
            yield config, error


def _in_processes(
    configs: list[Config], device: str, folder: Path | None, count: int, bar: tqdm, end: float | None
) -> Iterator[Outcome]:
    context = multiprocessing.get_context("spawn")  # a forked torch can hang
    epochs = context.Value("l", 0)
    with _pool(count, context, epochs) as pool:
        futures: dict[Future, Config] = {
            pool.submit(_train_and_count, config, device, folder, end): config for config in configs
        }
        pending = set(futures)
        while pending:
            finished, pending = wait(pending, POLL_SECONDS, FIRST_COMPLETED)
            bar.update(epochs.value - bar.n)
            for future in finished:
                try:
                    yield futures[future], future.result()
                except (UserError, OutOfTime) as error:
                    yield futures[future], error
                except BrokenProcessPool:
                    raise UserError(
                        "runs: a process was killed, perhaps for want of memory; finished epochs are kept: "
                        "start again, with fewer --workers"
                    ) from None


@contextmanager
def _pool(count: int, context, epochs) -> Iterator[ProcessPoolExecutor]:
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(count, context, initializer=_begin_worker, initargs=(epochs,))
    try:
        yield pool
    except BaseException:  # Ctrl-C, say: nobody waits for the runs in flight, which keep their whole epochs
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


_epochs = None  # in a worker process: the count of epochs, shared with the parent


def _begin_worker(epochs) -> None:
    global _epochs
    _epochs = epochs
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all in a terminal; the parent ends them
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    multiprocessing.parent_process().join()
    os._exit(1)


def _train_and_count(
    config: Config, device: str, folder: Path | None, end: float | None
) -> History:
    def count(epoch: int, row: dict) -> None:
        with _epochs.get_lock():
            _epochs.value += 1

    return train_and_keep(config, device, folder, count, end)
