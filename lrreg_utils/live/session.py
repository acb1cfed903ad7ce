"""Own runs in progress, without a panel: start, stop, go on; what is known so far, and the time left."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.files import writable_folder
from lrreg_utils.live.crew import Crew
from lrreg_utils.live.exam import Answers
from lrreg_utils.live.worker import DONE, FAILED, ROW, UNUSABLE, Order
from lrreg_utils.results.history import History
from lrreg_utils.sweeps.workers import check_program, refuse_second_import, usable_cores

READY, RUNNING, STOPPING, STOPPED, FINISHED = "ready", "running", "stopping", "stopped", "finished"
OFTEN = 0.5  # seconds between two calls of `on_change`
POLL = 0.2


@dataclass
class RunSoFar:
    """One run: the rows of its history so far, and what is known of single examples after each epoch."""

    config: Config
    rows: list[dict] = field(default_factory=list)
    answers: list[Answers] = field(default_factory=list)
    history: History | None = None

    @property
    def part_done(self) -> float:
        """From 0 to 1."""
        return len(self.rows) / self.config.epochs

    def add(self, row: dict, answers: Answers | None) -> None:
        """Take the row of an epoch; that of an epoch known before is the same again."""
        epoch = int(row["epoch"])
        self.rows[epoch - 1:epoch] = [row]
        if answers is not None:
            self.answers[epoch - 1:epoch] = [answers]

    def finish(self, history: History, answers: list[Answers]) -> None:
        """Take a finished history, just trained or read from the folder."""
        names = list(history.columns)
        columns = zip(*history.columns.values(), strict=True)
        self.rows = [dict(zip(names, values, strict=True)) for values in columns]
        self.history, self.answers = history, answers or self.answers


class Session:
    """Runs that train in processes of their own while the notebook stays free.

    Args:
        configs: the runs.
        folder: where histories and, until they are finished, checkpoints are kept: see `run_all`. What lies
            there is read, and gone on from.
        device: ``auto``, ``cpu`` or ``cuda``.
        on_change: called in a thread of its own, at most twice a second, and at the end.

    Attributes:
        state: `READY`, `RUNNING`, `STOPPING`, `STOPPED` or `FINISHED`.
        runs: a `RunSoFar` for each config.
        problems: one line for each thing that went wrong since the last start.
    """

    def __init__(self, configs: Iterable[Config], folder: Path | str, device: str = "auto",
                 on_change: Callable[[], object] = lambda: None) -> None:
        self.runs = {config: RunSoFar(config) for config in configs}
        self.folder, self.device, self.on_change = Path(folder).expanduser(), device, on_change
        self.state, self.problems = READY, []
        self._clock = Clock()
        self._stop = threading.Event()
        self._ended = threading.Event()  # not the thread's join: interrupted once, it waits no more
        self._ended.set()

    def start(self) -> None:
        """Begin, or go on where it was stopped. Returns at once.

        Raises:
            UserError: it is training already, or the folder cannot be written.
        """
        if self.state in (RUNNING, STOPPING):
            raise UserError("lab: these runs are training already; stop them first")
        refuse_second_import()
        check_program()
        writable_folder(self.folder)
        self.state, self.problems = RUNNING, []
        self._clock = Clock()
        self._stop.clear()
        self._ended.clear()
        threading.Thread(target=self._work, name="lrreg-lab", daemon=True).start()

    def stop(self, wait: bool = True) -> None:
        """Stop within two seconds and keep what was done; `start` goes on.

        Args:
            wait: return when it has stopped.
        """
        if self.state == RUNNING:
            self.state = STOPPING
            self._stop.set()
        if wait:
            self.wait()

    def wait(self, seconds: float | None = None) -> None:
        """Return when nothing trains any more, or after this time."""
        self._ended.wait(seconds)

    @property
    def alive(self) -> bool:
        """Whether anything trains, or is just ending."""
        return not self._ended.is_set()

    @property
    def histories(self) -> list[History]:
        """The finished runs, in the order of the configs."""
        return [run.history for run in self.runs.values() if run.history]

    @property
    def epochs(self) -> tuple[int, int]:
        """Epochs done, and all."""
        return (sum(len(run.rows) for run in self.runs.values()),
                sum(config.epochs for config in self.runs))

    def seconds_left(self) -> float | None:
        """An estimate from the epochs trained since the start; None before there are two."""
        done, total = self.epochs
        return self._clock.left(total - done) if self.state in (RUNNING, STOPPING) else None

    def _orders(self) -> list[Order]:
        first = min(config.seed for config in self.runs)
        return [Order(config, config.seed == first) for config, run in self.runs.items() if not run.history]

    def _work(self) -> None:
        crew, told = None, 0.0
        try:
            crew = Crew(self._orders(), usable_cores(), self.device, self.folder)
            while crew.busy:
                for config, kind, value in crew.receive(POLL):
                    self._take(config, kind, value)
                if self._stop.is_set():
                    crew.stop()
                if time.monotonic() - told > OFTEN:
                    self._tell()
                    told = time.monotonic()
        except Exception as error:  # the panel must say it: nobody sees what a thread raises
            self.problems.append(str(error) if isinstance(error, UserError) else
                                 f"lab: {type(error).__name__}: {error}")
        finally:
            if crew is not None:
                crew.end()
            self.state = FINISHED if all(run.history for run in self.runs.values()) else STOPPED
            self._tell()
            self._ended.set()

    def _take(self, config: Config | None, kind: str, value) -> None:
        if kind == ROW:
            self.runs[config].add(value.values, value.answers)
            if value.fresh:
                self._clock.count()
        elif kind == DONE:
            self.runs[config].finish(*value)
        elif kind in (FAILED, UNUSABLE) and value not in self.problems:
            self.problems.append(value)

    def _tell(self) -> None:
        try:
            self.on_change()
        except Exception as error:  # a front end that is gone must not end a run
            self.on_change = lambda: None
            self.problems.append(f"lab: the display ended ({type(error).__name__}: {error}); runs go on")


class Clock:
    """Tells the time left from how long the epochs since the start took."""

    def __init__(self) -> None:
        self.first = self.last = 0.0
        self.counted = 0

    def count(self) -> None:
        """An epoch is finished."""
        self.last = time.monotonic()
        if not self.counted:
            self.first = self.last
        self.counted += 1

    def left(self, epochs: int) -> float | None:
        """Seconds for so many epochs more; None before there are two to judge by."""
        if self.counted < 2:
            return None
        return epochs * (self.last - self.first) / (self.counted - 1)
