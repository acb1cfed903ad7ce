"""Worker processes on machines and from programs that make them hard to have."""

import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.sweeps import workers as worker_processes
from lrreg_utils.sweeps.runner import run_all
from lrreg_utils.sweeps.workers import in_processes, usable_cores

WITHOUT_GUARD = """
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.sweeps.runner import run_all
runs = experiment("digits").with_(epochs=1, train_size=100, image_size=8).configs(range(1))
print(len(run_all(runs[:2], "cpu", workers=2, progress=False)))
"""


def work(item, tick, end):
    tick()
    if item == "die":
        end()
    return item


def test_every_item_comes_back_with_its_result_and_is_counted():
    counted = []
    found = dict(in_processes(partial(work, end=None), [1, 2, 3], 2, counted.append))
    assert found == {1: 1, 2: 2, 3: 3} and sum(counted) == 3


def kill_itself():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(params=[0, 0.2], ids=["at once", "late"])
def status_comes(request, monkeypatch):
    """On a busy machine, a thread that has asked for the status of a process notes it a while later."""
    asked = os.waitpid

    def waitpid(process, flags):
        found = asked(process, flags)
        time.sleep(request.param if found[0] else 0)
        return found

    monkeypatch.setattr(os, "waitpid", waitpid)


@pytest.mark.usefixtures("status_comes")
def test_a_worker_that_is_killed_is_told_from_one_that_ends_by_itself():
    with pytest.raises(UserError, match="workers: a process was killed, perhaps because memory ran out"):
        list(in_processes(partial(work, end=kill_itself), ["die"], 1, print))
    with pytest.raises(UserError, match=r"workers: a process ended before its work \(exit status 7\)"):
        list(in_processes(partial(work, end=partial(os._exit, 7)), ["die"], 1, print))


@pytest.mark.parametrize("from_input", [False, True], ids=["script", "standard input"])
def test_a_program_without_a_main_guard_is_told_so_in_one_line(tmp_path, from_input):
    (tmp_path / "script.py").write_text(WITHOUT_GUARD)
    command = [sys.executable, "-" if from_input else str(tmp_path / "script.py")]
    done = subprocess.run(command, input=WITHOUT_GUARD if from_input else "", capture_output=True, text=True)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1 and done.stdout == ""
    assert last.startswith("lrreg_utils.errors.UserError: workers: ") and 'if __name__ == "__main__":' in last
    assert done.stderr.count("Traceback") == 1  # the one of the script itself


def test_a_program_with_a_guard_works(tmp_path):
    indented = WITHOUT_GUARD.replace("\n", "\n    ")
    guarded = f"def main():{indented}\nif __name__ == '__main__':\n    main()"
    (tmp_path / "script.py").write_text(guarded)
    done = subprocess.run([sys.executable, str(tmp_path / "script.py")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "2\n")


def test_a_machine_without_semaphores_trains_one_run_after_another(tiny, monkeypatch, tmp_path):
    class NoSemaphores:
        def Lock(self):
            raise OSError(38, "Function not implemented")

    monkeypatch.setattr(worker_processes, "CONTEXT", NoSemaphores())
    assert len(run_all([tiny, tiny], "cpu", workers=2, folder=tmp_path, progress=False)) == 2


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_only_the_cores_that_the_process_may_use_are_counted(run_python):
    code = ("import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
            "from lrreg_utils.sweeps.workers import usable_cores; print(usable_cores())")
    assert int(run_python(code)) == 1
    assert 1 <= usable_cores() <= os.cpu_count()
