"""The side of the submission: executes a notebook's cells, then answers questions about its names.

It runs whatever a student wrote, so no grade relies on it. Before each cell the process forks: the child
executes the cell, and then goes on in its parent's place. Where a cell ends the child, by a limit or by
itself, the parent still has all names of the cells before it, and goes on with the next cell. Each question
is answered in a child, so that no answer changes another.
"""

import contextlib
import ctypes
import gc
import os
import resource
import select
import signal
import socket
import sys
from typing import Any

from lrreg_utils.grading.channel import Channel, Closed
from lrreg_utils.grading.student import reply

FINISHED = 77  # exit status of a process that was told to end
MOST_FILE_BYTES = 2**26
PATIENCE = 0.05  # seconds between looks at a child


def main() -> None:
    """Execute the cells that come over the socket of file descriptor ``argv[1]``, then serve."""
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    orders = channel.receive()
    shell = _shell()
    for name in orders["imports"]:  # before memory is counted, and shared by all that follow
        with contextlib.suppress(ImportError):
            __import__(name)
    _limit(orders["memory"])
    try:
        _execute(shell, orders["cells"], channel)
    except Closed:  # by the cell: its parent goes on
        os._exit(1)
    with contextlib.suppress(Closed):
        _serve(shell.user_ns, channel)
    os._exit(FINISHED)


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui: str | None = None) -> None:
            """Open no window."""

        def ask_exit(self) -> None:
            """Go on: ``exit`` in a cell ends nothing."""

    config = Config()
    config.HistoryManager.enabled = False
    return Shell.instance(config=config, colors="NoColor")


def _limit(memory: int) -> None:
    """Allow ``memory`` bytes beyond what is used now, and files of 64 MB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing more is an error, not the end
    with contextlib.suppress(OSError):  # Linux alone tells what is used
        with open("/proc/self/status", encoding="ascii") as status:
            used = next(int(line.split()[1]) for line in status if line.startswith("VmData"))
        resource.setrlimit(resource.RLIMIT_DATA, (1024 * used + memory,) * 2)


def _fork() -> int:
    """Fork; a child ends with its parent, where the system can do that."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _end_with_parent(signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    return child


def _end_with_parent(by: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, by)  # PR_SET_PDEATHSIG; 0 is never


def _execute(shell: Any, cells: list[str], channel: Channel) -> None:
    """Execute every cell; returns in the process that has executed the last one."""
    gc.freeze()  # what is there now is not copied by a collection
    for place, source in enumerate(cells):
        reader, writer = os.pipe()
        child = _fork()
        if child == 0:
            os.close(reader)
            channel.send({"started": place, "pid": os.getpid()})
            result = shell.run_cell(source)
            error = result.error_before_exec or result.error_in_exec
            _close_figures()
            channel.send({"done": place, "error": error and f"{type(error).__name__}: {str(error)[:300]}"})
            _end_with_parent(0)
            os.write(writer, b"+")
            os.close(writer)
            continue
        os.close(writer)
        status = _ended(child, reader)
        if status is None:  # the child takes over
            os._exit(0)
        os.close(reader)
        channel.send({"lost": place, "how": _how(status)})
    channel.send({"ready": True})


def _ended(child: int, reader: int) -> int | None:
    """Wait for a child; its exit status, or None once it has said that its cell is done."""
    while True:
        said = select.select([reader], [], [], PATIENCE)[0]
        if said and os.read(reader, 1):
            return None
        ended, status = os.waitpid(child, 0 if said else os.WNOHANG)  # whoever it started may hold the pipe
        if ended:
            return status


def _close_figures() -> None:
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"was ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return "ended the notebook's process"


def _serve(namespace: dict[str, Any], channel: Channel) -> None:
    """Answer questions, each in a child, until the other side is gone."""
    while True:
        question = channel.receive()["question"].encode()
        reader, writer = os.pipe()
        child = _fork()
        if child == 0:
            os.close(reader)
            text = reply(namespace, question)
            with open(writer, "wb", closefd=False) as pipe:
                pipe.write(text)
            os._exit(FINISHED)
        os.close(writer)
        channel.send({"answering": child})
        with open(reader, "rb") as pipe:
            text = pipe.read()
        _, status = os.waitpid(child, 0)
        whole = os.WIFEXITED(status) and os.WEXITSTATUS(status) == FINISHED
        channel.send({"answer": text.decode()} if whole else {"lost": _how(status)})


if __name__ == "__main__":
    main()
