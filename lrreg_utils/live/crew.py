"""The worker processes of own runs, seen from the notebook: who trains what, and what they have sent."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.live.worker import DONE, FAILED, HALTED, READY, STOP, UNUSABLE, Order, serve
from lrreg_utils.sweeps.workers import CONTEXT, broken, deaf_to_interrupts

GRACE = 1.0  # seconds in which a stopped worker may end its epoch, before it is ended
Sent = tuple[Config | None, str, object]


@dataclass
class Member:
    """A worker process, its line, and what it works on."""

    process: BaseProcess
    line: Connection
    order: Order | None = None

    @property
    def config(self) -> Config | None:
        """The run in work, if any."""
        return self.order and self.order.config


class Crew:
    """Workers that share a list of orders. The first says what it computes on; only then come others.

    Args:
        most: workers side by side on a processor; on a GPU there is one.
    """

    def __init__(self, orders: Iterable[Order], most: int, device: str, folder: Path) -> None:
        self.left, self.most = deque(orders), most
        self.device, self.folder = device, folder
        self.members: list[Member] = []
        self.ends_at: float | None = None  # on the clock of time.monotonic, once it was stopped
        self._hire()

    @property
    def busy(self) -> bool:
        """Whether a worker is left."""
        return bool(self.members)

    def receive(self, seconds: float) -> Iterator[Sent]:
        """What the workers send within this time: its run, one of `worker`'s words, and a value."""
        lines = {member.line: member for member in self.members}
        for line in wait(list(lines), seconds):
            member = lines[line]
            try:
                kind, value = line.recv()
            except (EOFError, OSError):
                yield from self._lost(member)
                continue
            config = member.config
            self._next(member, kind, value)
            yield config, kind, value
        if self.ends_at is not None and time.monotonic() > self.ends_at:
            for member in self.members:
                member.process.terminate()

    def stop(self) -> None:
        """Ask for the end: after the epoch in flight where that is near, else at once."""
        if self.ends_at is None:
            self.ends_at = time.monotonic() + GRACE
            self.left.clear()
            for member in self.members:
                with suppress(OSError):
                    member.line.send(STOP)

    def end(self) -> None:
        """End all processes, whatever they do."""
        for member in self.members:
            member.process.terminate()
            self._close(member)
        self.members = []

    def _hire(self) -> None:
        here, there = CONTEXT.Pipe()
        process = CONTEXT.Process(target=serve, args=(there, self.device, self.folder), daemon=True)
        try:
            with deaf_to_interrupts():
                process.start()
        except OSError as error:
            raise UserError(f"workers: no process can be started ({error.strerror})") from None
        finally:
            there.close()
        self.members.append(Member(process, here))

    def _next(self, member: Member, kind: str, value: object) -> None:
        if kind == READY:
            others = 0 if value != "cpu" or len(self.members) > 1 else min(self.most, len(self.left)) - 1
            for _ in range(others):
                self._hire()
        if kind in (READY, DONE, FAILED):
            member.order = self.left.popleft() if self.left else None
            if member.order is not None:
                with suppress(OSError):  # it has just ended: its line says so next
                    member.line.send(member.order)
                return
        if kind in (READY, DONE, FAILED, HALTED, UNUSABLE):
            self._leave(member)

    def _leave(self, member: Member) -> None:
        self.members.remove(member)
        self._close(member)

    def _close(self, member: Member) -> None:
        member.line.close()
        member.process.join(GRACE)
        if member.process.is_alive():
            member.process.kill()
            member.process.join()

    def _lost(self, member: Member) -> Iterator[Sent]:
        self._leave(member)
        if self.ends_at is not None:
            yield member.config, HALTED, None
        else:
            kind = UNUSABLE if member.order is None else FAILED
            yield member.config, kind, str(broken({member.process.exitcode}))
