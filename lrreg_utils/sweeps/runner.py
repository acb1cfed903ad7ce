"""Many runs: train each once, several side by side, and keep every history as it comes.

In a folder, a run's history and, until it is finished, its checkpoint have names made from its
config alone. So a bag of runs that was stopped goes on where it was and loses half a minute at
most, and two processes on the same folder share the work: a lock for each run lets the second
wait, and then read what the first has made.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from time import time as now

from tqdm import tqdm

from lrreg_utils import console
from lrreg_utils.errors import OutOfTime, UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.files import remove_leftovers, writable_folder
from lrreg_utils.locks import locked
from lrreg_utils.results.history import History, earlier_labels, load_history
from lrreg_utils.sweeps.packing import packed_run
from lrreg_utils.sweeps.store import run_cache
from lrreg_utils.sweeps.workers import ended, in_processes, processes_work, refuse_second_import, usable_cores
from lrreg_utils.tables import counted

NAMED = 3  # so many runs are named that ended as another did; of more, how many


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
    keep: bool = True,
) -> list[History]:
    """Train every config and return the histories in the same order.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``.
        workers: runs at the same time; by default one for each processor core that this process may use,
            or one on a GPU.
        folder: where each history is kept, and the checkpoint of each run that is not finished;
            a run whose history is there already is read, not trained again. By default a folder of the
            cache (``$LRREG_CACHE`` or ``~/.cache/lrreg_utils``) that belongs to this version of the code.
        progress: show a bar over all epochs.
        minutes: stop after this time, at the end of the epochs in flight.
        on_run: called when a run is finished, with how many are and of how many.
        keep: False, without a folder, trains every run afresh and keeps nothing.

    Raises:
        OutOfTime: the minutes have passed; the next call goes on.
        UserError: a config, data source, device or folder that cannot be used, before any training;
            or, after all the others have ended, the runs that failed.
    """
    end = None if minutes is None else now() + 60 * minutes  # first: importing torch takes its time, too
    refuse_second_import()
    from lrreg_utils.devices import choose_device  # torch: only where something is trained
    from lrreg_utils.images.sources import prepare
    from lrreg_utils.training.side_by_side import together

    chosen = choose_device(device)
    target = Path(folder) if folder is not None else _cache(configs, chosen) if keep else None
    if minutes is not None and target is None:
        raise UserError("minutes: a folder is needed, to go on from")
    done = {config: found for config in configs if (found := kept_history(config, target))}
    missing = [config for config in dict.fromkeys(configs) if config not in done]
    if folder is None and done:
        runs, them = ("run is", "it") if len(done) == 1 else ("runs are", "them")
        console.note(f"{len(done)} finished {runs} read from {target}; keep=False trains {them} again")
    for data in {(config.data, config.image_size): config for config in missing}.values():
        prepare(data)  # a data source that cannot be read ends it all here, before anything is written
    if target is not None:
        writable_folder(target)

    count = workers or (1 if chosen.type == "cuda" else usable_cores())
    parts = together(missing, -(-len(missing) // count) if chosen.type == "cpu" else len(missing))
    count = min(count, max(1, len(parts)))
    total = sum(config.epochs for config in missing)
    train_part = partial(_train_part, device=chosen.type, folder=target, end=end)
    failed: dict[Config, UserError] = {}
    with tqdm(total=total, unit="epoch", disable=not (progress and missing), leave=False) as bar:
        if count > 1 and processes_work():
            outcomes = in_processes(train_part, parts, count, bar.update)
        else:
            outcomes = _one_by_one(train_part, parts, bar.update)
        for part, outcome in outcomes:
            for config, one in zip(part, outcome if isinstance(outcome, list) else [outcome] * len(part),
                                   strict=True):
                if isinstance(one, UserError):
                    failed[config] = one
                elif isinstance(one, History):
                    done[config] = one
                    on_run(config, len(done), len(set(configs)))
    report(failed, len(configs))
    if missing and len(done) < len(set(configs)):
        raise OutOfTime(f"{len(done)} of {counted(len(set(configs)), 'run')} finished; start again to go on")
    return [done[config] for config in configs]


def _cache(configs: list[Config], device) -> Path | None:
    from lrreg_utils.images.sources import load_images
    from lrreg_utils.provenance import device_name, versions

    folders = {(config.data, config.image_size) for config in configs if config.data.startswith("folder:")}
    pictures = sorted(load_images(*source).sha256 for source in folders)  # two folders can have one name
    return run_cache(f"{device_name(device)} {versions()} {pictures}")


def _one_by_one(train_part: Callable, parts: list[list[Config]], advance: Callable[[], object]) -> Iterator:
    for part in parts:
        try:
            yield part, train_part(part, advance)
        except (UserError, OutOfTime) as error:
            yield part, error


def _train_part(
    part: list[Config], tick: Callable[[], object], device: str, folder: Path | None, end: float | None
) -> list[History | UserError]:
    try:
        if len(part) == 1:
            return [train_and_keep(part[0], device, folder, lambda epoch, row: tick(), end)]
        return _side_by_side(part, tick, device, folder, end)
    except RuntimeError as error:  # torch's: on a processor it is a mistake in the code
        if device == "cpu":
            raise
        raise UserError(f"{ended(error)}, and goes on in a notebook or program started anew") from None


def _side_by_side(
    part: list[Config], tick: Callable[[], object], device: str, folder: Path | None, end: float | None
) -> list[History | UserError]:
    """Train small networks as one program. They take seconds, so no checkpoint is kept."""
    from lrreg_utils.training.side_by_side import train_side_by_side

    def after_epoch(epoch: int) -> None:
        for _ in missing:
            tick()
        if epoch < missing[0].epochs:
            in_time(end)

    in_time(end)
    with ExitStack() as locks:
        for config in sorted(part, key=lambda config: config.label) if folder else []:
            locks.enter_context(alone(config, folder))  # in one order, lest two processes wait for each other
        found = {config: kept_history(config, folder) for config in part}
        missing = [config for config in part if found[config] is None]
        if missing:
            found |= zip(missing, train_side_by_side(missing, device, after_epoch), strict=True)
        for config in missing if folder else []:
            if isinstance(found[config], History):
                found[config].save(history_path(config, folder))
    return [found[config] for config in part]


def report(failed: dict[Config, Exception], total: int) -> None:
    """Raise one `UserError` that says how every run failed, where there is one.

    What ends many runs for one reason, as a full disk does, is said once.
    """
    alike: dict[str, list[Config]] = {}
    lines = {config: str(error).strip().splitlines()[-1] for config, error in failed.items()}
    for config, line in lines.items():
        alike.setdefault(line.replace(config.label, ""), []).append(config)
    if failed:
        told = [_of_all(lines[runs[0]], [config.label for config in runs]) for runs in alike.values()]
        raise UserError(f"{len(failed)} of {counted(total, 'run')} failed: {'; '.join(told)}")


def _of_all(line: str, labels: list[str]) -> str:
    """What ended the first of these runs, and that the others ended likewise."""
    told = line if labels[0] in line else f"{labels[0]}: {line}"
    if others := labels[1:]:
        more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
        told += f" (likewise {', '.join(others[:NAMED])}{more})"
    return told


def train_and_keep(
    config: Config,
    device: str,
    folder: Path | None,
    on_epoch: Callable[[int, dict], None] = lambda epoch, row: None,
    end: float | None = None,
    after_epoch: Iterable[Callable] = (),
) -> History:
    """Train one run, or go on with it, and keep its history in ``folder``.

    Where another process is on the same run, wait for it and read what it has made.

    Args:
        end: when to stop, in seconds since 1970: after the epoch in flight, which is kept.
        after_epoch: see `lrreg_utils.training.train.train`.

    Raises:
        UserError: see `lrreg_utils.training.train.train`.
        OutOfTime: ``end`` has come before the last epoch.
    """
    from lrreg_utils.training.train import train

    if folder is None:
        return train(config, device, on_epoch=on_epoch, after_epoch=after_epoch).history
    in_time(end)
    path = history_path(config, folder)
    checkpoint = path.with_suffix(".pt")
    with alone(config, folder):
        if (found := kept_history(config, folder)) is not None:
            return found

        def in_time_after(epoch: int, row: dict) -> None:
            on_epoch(epoch, row)
            if epoch < config.epochs:
                in_time(end)

        history = train(config, device, on_epoch=in_time_after, checkpoint=checkpoint,
                        after_epoch=after_epoch).history
        history.save(path)
        with suppress(OSError):
            checkpoint.unlink()
    return history


@contextmanager
def alone(config: Config, folder: Path) -> Iterator[None]:
    """The time in which this process alone works on a run; what a killed one left half-written is removed.

    Where the folder's file system has no locks, two processes may train the same run, to the same end.
    """
    path, locks = history_path(config, folder), folder / ".locks"
    with suppress(OSError):
        locks.mkdir(parents=True, exist_ok=True)  # the folder may have been packed meanwhile
    with locked(locks / config.label) as held:
        if held:
            remove_leftovers(path, path.with_suffix(".pt"))
        yield


def in_time(end: float | None) -> None:
    """Raise `OutOfTime` where ``end``, in seconds since 1970, has come."""
    if end is not None and now() >= end:
        raise OutOfTime("the time that was given has passed")


def kept_history(config: Config, folder: Path | None) -> History | None:
    """The history of a finished run, where the folder or the recording beside it has one.

    Raises:
        UserError: it cannot be read, or was made from other images.
    """
    if folder is None or (kept := _find(config, folder)) is None:
        return None
    path, found = kept
    if config.data.startswith("folder:"):  # two folders of one name give a run the same id
        from lrreg_utils.images.sources import prepare

        if found.provenance.get("data_sha256") != prepare(config).sha256:
            raise UserError(
                f"output: {path} was made from other images; choose another --out or move it away"
            )
    return found


def _find(config: Config, folder: Path) -> tuple[Path, History] | None:
    for label in (config.label, *earlier_labels(config)):
        path = folder / f"{label}.json"
        if os.path.exists(path):  # unlike Path's own, this takes a name of any length
            return path, load_history(path)
    return packed_run(config.id, folder)
