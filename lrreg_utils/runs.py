"""Many runs: train each once, several side by side, and keep every history as it comes."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from lrreg_utils.config import Config
from lrreg_utils.files import writable_folder
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
) -> list[History]:
    """Train every config and return the histories in the same order.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``.
        workers: runs at the same time; by default one for each processor core, or one on a GPU.
        folder: where each history is written when its run ends; a run whose history is there
            already is read, not trained again. None keeps nothing.
        progress: show a bar over all epochs.

    Raises:
        UserError: a config, data source, device or folder that cannot be used.
    """
    from lrreg_utils.images import prepare  # torch: only where something is trained
    from lrreg_utils.training import choose_device

    chosen = choose_device(device).type
    target = None if folder is None else writable_folder(Path(folder))
    done = {config: found for config in configs if (found := _read(config, target))}
    missing = [config for config in dict.fromkeys(configs) if config not in done]
    for data in {(config.data, config.image_size): config for config in missing}.values():
        prepare(data)  # a data source that cannot be read ends it all here, before any training

    count = min(workers or (1 if chosen == "cuda" else os.cpu_count() or 1), max(1, len(missing)))
    total = sum(config.epochs for config in missing)
    with tqdm(total=total, unit="epoch", disable=not (progress and missing), leave=False) as bar:
        train_each = _in_this_process if count == 1 else _in_processes
        for history in train_each(missing, chosen, count, bar):
            done[history.config] = history
            if target is not None:
                history.save(history_path(history.config, target))
    return [done[config] for config in configs]


def _read(config: Config, folder: Path | None) -> History | None:
    if folder is None or not history_path(config, folder).exists():
        return None
    return load_history(history_path(config, folder))


def _in_this_process(configs: list[Config], device: str, count: int, bar: tqdm) -> Iterator[History]:
    for config in configs:
        yield _train(config, device, lambda epoch, row: bar.update())


def _in_processes(configs: list[Config], device: str, count: int, bar: tqdm) -> Iterator[History]:
    context = multiprocessing.get_context("spawn")  # a forked torch can hang
    epochs = context.Value("l", 0)
    with _pool(count, context, epochs) as pool:
        pending: set[Future] = {pool.submit(_train_and_count, config, device) for config in configs}
        while pending:
            finished, pending = wait(pending, POLL_SECONDS, FIRST_COMPLETED)
            bar.update(epochs.value - bar.n)
            for future in finished:
                yield future.result()


@contextmanager
def _pool(count: int, context, epochs) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(count, context, initializer=_share_counter, initargs=(epochs,))
    try:
        yield pool
    finally:  # after an error, runs that have not begun are dropped
        pool.shutdown(cancel_futures=True)


_epochs = None  # in a worker process: the count of epochs, shared with the parent


def _share_counter(epochs) -> None:
    global _epochs
    _epochs = epochs


def _train_and_count(config: Config, device: str) -> History:
    def count(epoch: int, row: dict) -> None:
        with _epochs.get_lock():
            _epochs.value += 1

    return _train(config, device, count)


def _train(config: Config, device: str, on_epoch: Callable[[int, dict], None]) -> History:
    from lrreg_utils.training import train

    return train(config, device, on_epoch=on_epoch).history
