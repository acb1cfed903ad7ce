"""Sweeps on a real Slurm: whatever happens to a job, its run ends as one that nobody has stopped."""

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import pytest
import slurm_cluster
from slurm_cluster import ask
from waiting import wait_for

from lrreg_utils.cli.main import main
from lrreg_utils.experiments.sweep import load_sweep
from lrreg_utils.results.recording import load_histories
from lrreg_utils.sweeps.cluster import AGAIN
from lrreg_utils.sweeps.runner import alone, run_all
from lrreg_utils.sweeps.slurm import SlurmJobs

pytestmark = pytest.mark.skipif(bool(slurm_cluster.missing()), reason=f"no Slurm: {slurm_cluster.missing()}")
SWEEP = """
experiment = "digits"
schedules = ["large_lr"]
seeds = {seeds}
[set]
train_size = 100
epochs = 8
batch_size = 20
image_size = 8
patch_size = 3
"""


@pytest.fixture(scope="module", autouse=True)
def slurm(tmp_path_factory):
    with slurm_cluster.cluster(tmp_path_factory.mktemp("slurm")):
        yield
        for process in Sweep.processes:  # of tests that failed
            with process:
                process.kill()


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The columns of runs that nobody stops, by seed."""
    path = tmp_path_factory.mktemp("expected") / "sweep.toml"
    path.write_text(SWEEP.format(seeds=[0, 1, 2]))
    return {run.config.seed: run.columns for run in run_all(load_sweep(path), "cpu", 1, progress=False)}


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """Two sweeps whose jobs have a minute, and cannot train in the first; one has no other minute.

    They are begun before the other tests, and run beside them.
    """
    sweeps = []
    for words, turns in (("Requeued job", 30), ("Job not requeued", 0)):  # 30: a busy machine needs some
        often = f"slurm_max_num_timeout={turns}"
        sweep = Sweep(tmp_path_factory.mktemp("limited"), [0], "timeout_min=1", often)
        threading.Thread(target=sweep.keep_waiting, args=(words,), daemon=True).start()
        sweeps.append(sweep.start())
    return sweeps


class Sweep:
    """``sweep --cluster slurm`` in a process of its own, on a folder of its own."""

    processes: ClassVar[list[subprocess.Popen]] = []

    def __init__(self, folder: Path, seeds: list[int], *options: str) -> None:
        self.seeds, self.out = seeds, folder / "out"
        (folder / "sweep.toml").write_text(SWEEP.format(seeds=seeds))
        self.runs = load_sweep(folder / "sweep.toml")
        self.arguments = ["sweep", str(folder / "sweep.toml"), "--out", str(self.out), "--device", "cpu",
                          "--cluster", "slurm", *(f"--option={option}" for option in options)]

    def start(self) -> "Sweep":
        self.process = subprocess.Popen([sys.executable, "-m", "lrreg_utils", *self.arguments],
                                        stderr=subprocess.PIPE, text=True)
        self.processes.append(self.process)
        return self

    def end(self) -> tuple[int, str]:
        """The exit status, and the mistakes and warnings."""
        _, said = self.process.communicate(timeout=600)
        return self.process.returncode, said

    def jobs(self) -> list[str]:
        """The id and the state of each of its jobs in the queue, in the order of its runs."""
        listed = [line.split("|") for line in ask("squeue", "--noheader", "--array", "--format=%i|%T|%o")]
        return sorted(f"{job} {state}" for job, state, script in listed if self.out in Path(script).parents)

    def hold(self) -> list["Held"]:
        """Stop the processes of all runs, each after its first epoch."""
        held = []
        for task, run in enumerate(self.runs):
            process = wait_for(lambda task=task: self.process_of(task), "the process of a job")
            held.append(Held(process, self.out / f"{run.label}.pt"))
        for each in held:
            wait_for(each.after.exists, "a first epoch")
        return held

    def keep_waiting(self, words: str) -> None:
        """Let no job begin to train before one has written these words into its log."""
        def written():
            return any(words in log.read_text() for log in self.out.glob(".jobs/*/*_log.*"))
        with alone(self.runs[0], self.out):
            wait_for(written, words, seconds=600)

    def process_of(self, task: int) -> int | None:
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # a process may end meanwhile
                command = (folder / "cmdline").read_text()
                ours = "_submit" in command and str(self.out) in command and "srun" not in command
                if ours and f"SLURM_ARRAY_TASK_ID={task}\0" in (folder / "environ").read_text():
                    return int(folder.name)
        return None

    def check(self, expected: dict) -> list[dict]:
        """All histories are there and say what those of ``expected`` say; where they come from."""
        found = load_histories(self.out)
        assert {run.config.seed: run.columns for run in found} == {
            seed: expected[seed] for seed in self.seeds
        }
        return [run.provenance for run in found]


class Held:
    """A process that is stopped once a file has come, and makes no way until it is killed or released.

    So it takes longer than ``KillWait`` on any machine; Slurm lets it go on to tell it that it must end.
    """

    def __init__(self, pid: int, after: Path) -> None:
        self.pid, self.after, self.free = pid, after, threading.Event()
        self.thread = threading.Thread(target=self._hold, daemon=True)
        self.thread.start()

    def _hold(self) -> None:
        while not self.free.wait(0.02) and self.lives():
            if self.after.exists():
                os.kill(self.pid, signal.SIGSTOP)

    def lives(self) -> bool:
        with suppress(OSError):
            return "_submit" in Path(f"/proc/{self.pid}/cmdline").read_text()
        return False

    def release(self) -> None:
        self.free.set()
        self.thread.join()
        os.kill(self.pid, signal.SIGCONT)


@pytest.mark.parametrize(("option", "words"), [
    ("slurm_partition=nowhere", "does not take the jobs (invalid partition specified: nowhere"),
    ("timeout_min=61", "would never start the jobs (PartitionTimeLimit), so they are cancelled"),
    ("timeout_min=long", 'cannot be used here (Parameter "timeout_min" expected'),
    ("slurm_colour=red", "cannot be used here (Unknown argument 'colour'"),
    ("partition=main", "cannot be used here (Setting 'partition' is deprecated. Use 'slurm_partition'"),
])
def test_jobs_that_are_refused(tmp_path, capsys, limited, option, words):
    sweep = Sweep(tmp_path, [0, 1], option)
    assert main(sweep.arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: cluster: slurm ")
    assert words in line
    assert not sweep.jobs()


def test_a_controller_that_does_not_answer(tmp_path, capsys, monkeypatch):
    config = tmp_path / "slurm.conf"
    text = Path(os.environ["SLURM_CONF"]).read_text()
    config.write_text(re.sub("SlurmctldPort=.*", "SlurmctldPort=1", text) + "MessageTimeout=1\n")
    monkeypatch.setenv("SLURM_CONF", str(config))
    assert main(Sweep(tmp_path, [0]).arguments) == 2
    assert re.fullmatch(r"error: cluster: slurm cannot be used here \(.*Unable to contact.*\)\n",
                        capsys.readouterr().err)
    jobs = SlurmJobs([])
    assert jobs.here() is None
    assert "Unable to contact" in capsys.readouterr().err
    jobs.next = 0.0
    assert jobs.here() is None
    assert capsys.readouterr().err == ""  # said once


def test_requeued_cancelled_and_told_of_its_time_limit(tmp_path, expected):
    sweep = Sweep(tmp_path, [0, 1, 2]).start()
    held = sweep.hold()
    first, second, third = (job.split()[0] for job in sweep.jobs())
    ask("scontrol", "requeue", first)
    ask("scancel", second)
    ask("scancel", "--signal=USR2", third)  # what Slurm sends before a time limit
    held[2].release()
    wait_for(lambda: not any(process.lives() for process in held), "the end of the processes")
    status, said = sweep.end()
    assert status == 2
    assert said == (f"error: 1 of 3 runs failed: {sweep.runs[1].label}: job {second} is gone (cancelled)"
                    f"{AGAIN}\n")
    assert sweep.start().end() == (0, "")
    assert all(facts["resumed_after"] for facts in sweep.check(expected))


def test_a_job_that_runs_into_its_time_limit(limited, expected):
    again, last = limited
    status, said = last.end()
    assert status == 2
    assert said == (f"error: 1 of 1 run failed: {last.runs[0].label}: the time limit, --option "
                    "timeout_min=MINUTES, ended its job (Job not requeued because: timed-out too many times.)"
                    f"{AGAIN}\n")
    assert again.end() == (0, "")
    again.check(expected)


def test_preempted_drained_and_waited_for_twice(tmp_path, expected):
    sweep = Sweep(tmp_path, [0, 1]).start()
    held = sweep.hold()
    jobs = [job.split()[0] for job in sweep.jobs()]
    sweep.process.send_signal(signal.SIGINT)
    array, _ = jobs[0].split("_")
    assert sweep.end() == (130, "stopped; the jobs on Slurm go on: start the same command again to wait for "
                                f"them, or end them with: scancel {array}\n")
    sweep.start()
    urgent, host = tmp_path / "urgent", slurm_cluster.host()
    urgent.touch()
    ask("sbatch", "--partition=urgent", "--exclusive", "--output=/dev/null",
        f"--wrap=while test -e {urgent}; do sleep 0.2; done")
    wait_for(lambda: not any(process.lives() for process in held), "the end of the processes")
    wait_for(lambda: ask("squeue", "--noheader", "--partition=urgent", "--states=RUNNING"), "the urgent job")
    ask("scontrol", "update", f"nodename={host}", "state=drain", "reason=repair")
    urgent.unlink()
    wait_for(lambda: not ask("squeue", "--noheader", "--partition=urgent"), "the end of the urgent job")
    waiting = [f"{job} PENDING" for job in jobs]
    wait_for(lambda: sweep.jobs() == waiting, "the jobs to wait for the drained node")
    assert sweep.process.poll() is None
    ask("scontrol", "update", f"nodename={host}", "state=resume")
    assert sweep.end() == (0, "2 of the runs have a job in the queue already, which is waited for; "
                              f"to begin anew, stop this and: scancel {array}\n")
    assert all(facts["resumed_after"] for facts in sweep.check(expected))
    assert len(list((sweep.out / ".jobs").iterdir())) == 1  # the second call has submitted nothing
