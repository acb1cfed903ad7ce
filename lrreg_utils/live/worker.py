"""A worker process: it trains the runs that it is handed, and sends each row of them as it comes.

A process of its own keeps torch's global settings out of the reader's notebook, leaves the notebook free,
and can be ended at any time. What it sends are pairs: one of `READY`, `ROW`, ... and a value.
"""

import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.live.exam import Answers, Asking, answers_path, read_answers
from lrreg_utils.sweeps.workers import end_with_parent, ended

READY, UNUSABLE, ROW, DONE, FAILED, HALTED = "ready", "unusable", "row", "done", "failed", "halted"
STOP = "stop"


@dataclass(frozen=True)
class Order:
    """A run to train, and whether to ask what it has learned of single examples."""

    config: Config
    asks: bool


@dataclass(frozen=True)
class Row:
    """A row of a history; ``fresh`` where it was trained just now, and not read from a checkpoint."""

    values: dict
    answers: Answers | None
    fresh: bool


class Stopped(BaseException):
    """The reader has stopped. As KeyboardInterrupt, it is never taken for a failure of the run."""


def serve(line: Connection, device: str, folder: Path) -> None:
    """What the process does until the line is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # interrupting a cell stops the cell; the panel stops runs
    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        from lrreg_utils.devices import choose_device

        line.send((READY, choose_device(device).type))
        while isinstance(order := line.recv(), Order):
            line.send(_outcome(line, order, device, folder))
    except UserError as error:
        line.send((UNUSABLE, str(error)))
    except (EOFError, BrokenPipeError):
        return


def _outcome(line: Connection, order: Order, device: str, folder: Path) -> tuple[str, object]:
    try:
        return DONE, _train(line, order, device, folder)
    except Stopped:
        return HALTED, None
    except UserError as error:
        return FAILED, str(error)
    except (EOFError, BrokenPipeError):
        raise
    except Exception as error:
        return FAILED, f"{ended(error)}, and goes on where it was"


def _train(line: Connection, order: Order, device: str, folder: Path) -> tuple:
    from lrreg_utils.sweeps.runner import train_and_keep

    path = answers_path(order.config, folder)
    asking = Asking(path) if order.asks else None
    trained: list[int] = []

    def on_epoch(epoch: int, row: dict) -> None:
        answers = asking.after(epoch) if asking else None
        line.send((ROW, Row(row, answers, trained[-1:] == [epoch])))
        if trained and line.poll() and line.recv() == STOP and epoch < order.config.epochs:
            raise Stopped

    hooks = [lambda trainer: trained.append(trainer.epoch), *([asking] if asking else [])]
    history = train_and_keep(order.config, device, folder, on_epoch, after_epoch=hooks)
    return history, read_answers(path) if order.asks else []
