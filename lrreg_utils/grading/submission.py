"""The side of the tests: runs a submission in a process of its own, within limits, and asks it."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrreg_utils.grading import wire
from lrreg_utils.grading.channel import Channel, Closed

NOBODY = "nobody"
START_SECONDS = 60  # for imports, on half a core
STARTS = 3  # of a notebook that kills its own processes
# What comes from a notebook may be anything
BROKEN = (Closed, TimeoutError, KeyError, TypeError, ValueError)


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Attributes:
        cell: seconds of one cell.
        notebook: seconds of all cells together.
        call: seconds of one answer to a test.
        calls: seconds of all answers together.
        memory: bytes beyond what the imports use.
    """

    cell: float = 40
    notebook: float = 100
    call: float = 10
    calls: float = 60
    memory: int = 350 * 2**20


class Submission:
    """A notebook that runs apart from the tests. Use it as a context, and `ask` through a `Student`.

    As root it runs as the user ``nobody``, if that user can run Python; it then reads no file of the grader.

    Args:
        cells: sources of the code cells, in order.
        limits: what they may use.
        imports: modules that are loaded before the first cell.

    Attributes:
        problems: a sentence for each cell that failed, in order; cells are counted from 1.
        apart: whether it runs as another user.
    """

    def __init__(self, cells: list[str], limits: Limits = Limits(), imports: tuple[str, ...] = ()) -> None:
        self.limits, self.problems = limits, []
        self.apart = can_run_as_nobody()
        self._left, self._closed = limits.calls, True
        self._end = time.monotonic() + START_SECONDS + limits.notebook
        cells, blanked = list(cells), []
        for _ in range(STARTS):
            self._running, self.problems = -1, list(blanked)
            self._start()
            try:
                self._channel.send({"cells": cells, "imports": imports, "memory": limits.memory})
                self._follow()
                return
            except BROKEN:
                self.close()
            if self._running < 0:
                break
            blanked.append(f"{_cell(self._running)} ended all of the notebook's processes.")
            cells[self._running] = ""
        self._give_up("its process ends itself")

    def _start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="submission-"))
        ours, theirs = socket.socketpair()
        self._channel, self._closed = Channel(ours), False
        with theirs:
            self._process = self._launch(theirs)

    def _launch(self, theirs: socket.socket) -> subprocess.Popen:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONHOME", "PYTHONPATH", "LRREG_CACHE")
                if name in os.environ}
        folder = str(self.folder)
        fresh = {"HOME": folder, "MPLCONFIGDIR": folder, "IPYTHONDIR": folder, "MPLBACKEND": "agg",
                 "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        user = {}
        for fonts in (Path.home() / ".cache" / "matplotlib").glob("fontlist-*.json"):
            shutil.copy(fonts, self.folder)  # finding fonts takes seconds
        if self.apart:
            os.chown(self.folder, pwd.getpwnam(NOBODY).pw_uid, -1)
            user = {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []}
        return subprocess.Popen(
            [sys.executable, "-m", "lrreg_utils.grading.notebook_process", str(theirs.fileno())],
            cwd=self.folder, env=kept | fresh, pass_fds=[theirs.fileno()], start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user)

    def _follow(self) -> None:
        """Wait for the cells; end each that takes too long."""
        while True:
            message = self._channel.receive(time.monotonic() + START_SECONDS)
            if "ready" in message:
                return
            if "started" in message:
                self._running = int(message["started"])
                message = self._wait(message, min(time.monotonic() + self.limits.cell, self._end))
            if "lost" in message:
                self.problems.append(f"{_cell(message['lost'])} {message['how']}.")
            elif message["error"]:
                self.problems.append(f"{_cell(message['done'])} ends with {message['error']}")

    def _wait(self, started: dict[str, Any], until: float) -> dict[str, Any]:
        try:
            return self._channel.receive(until)
        except TimeoutError:
            self._kill(started["pid"])
            lost = self._channel.receive(time.monotonic() + START_SECONDS)
            return lost | {"how": "took too long and was stopped"}

    def _kill(self, pid: Any) -> None:
        """Kill one process of the submission; all of them if it names another's."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if isinstance(pid, int) and pid > 0 and os.getpgid(pid) == self._process.pid:
                os.kill(pid, signal.SIGKILL)
                return
        raise Closed("a process that is not the notebook's")

    def _give_up(self, why: str) -> None:
        self.problems.append(f"Nothing more of this notebook was graded: {why}.")
        self.close()

    def ask(self, question: bytes) -> bytes:
        """Ask the notebook, within what is left of its time."""
        started = time.monotonic()
        until = started + min(self.limits.call, self._left)
        try:
            self._channel.send({"question": question.decode()})
            answer = self._answer(until)
        except BROKEN:
            self._give_up("it stopped answering")
            answer = {"lost": "was lost with the notebook's process"}
        self._left -= time.monotonic() - started
        return answer["answer"].encode() if isinstance(answer.get("answer"), str) else wire.dumps(
            {"failed": str(answer.get("lost"))})

    def _answer(self, until: float) -> dict[str, Any]:
        pid = self._channel.receive(time.monotonic() + START_SECONDS).get("answering")
        try:
            return self._channel.receive(until)
        except TimeoutError:
            self._kill(pid)
            self._channel.receive(time.monotonic() + START_SECONDS)
            return {"lost": "took too long and was stopped"}

    def close(self) -> None:
        """End the notebook's process and all that it has started, and remove its folder."""
        if self._closed:
            return
        self._closed = True
        self._channel.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Submission":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def _cell(place: int) -> str:
    return f"Code cell {int(place) + 1}"


def can_run_as_nobody() -> bool:
    """Tell whether a submission can run as another user: this one is root, and that one reads the package."""
    if os.geteuid() != 0:
        return False
    found = {name: os.environ[name] for name in ("PYTHONHOME", "PYTHONPATH") if name in os.environ}
    code = "import lrreg_utils.grading.student"
    try:
        return subprocess.run([sys.executable, "-c", code], user=NOBODY, env=found, cwd="/",
                              capture_output=True).returncode == 0
    except (OSError, LookupError):
        return False
