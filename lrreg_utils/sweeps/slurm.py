"""What Slurm's queue says of the user's jobs. It is asked with ``squeue``, which needs no accounting."""

import os
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lrreg_utils import console
from lrreg_utils.errors import UserError

SHORTEST, LONGEST = 2.0, 60.0  # seconds between two questions
NEVER = {  # reasons to wait that no time takes away: a limit beyond what the cluster allows
    "PartitionTimeLimit", "QOSMaxWallDurationPerJobLimit", "AssocMaxWallDurationPerJobLimit",
}


class NoAnswer(Exception):
    """Slurm could not be asked; the text is what ``squeue`` said."""


@dataclass(frozen=True)
class Queued:
    """A job that waits, runs or is being ended."""

    state: str
    reason: str  # why it waits
    script: Path  # what ``sbatch`` was given


def queue() -> dict[str, Queued]:
    """Every job of this user in the queue, by its id; each task of an array has its own.

    Raises:
        NoAnswer: so nothing is known of any job.
    """
    found = {}
    for line in _squeue("--array", f"--user={os.getuid()}", "--format=%i|%T|%r|%o"):
        job_id, state, reason, script = line.split("|", 3)
        found[job_id] = Queued(state, reason, Path(script))
    return found


class SlurmJobs:
    """Jobs that are waited for and that outlive this process; a context to wait in.

    The queue is the whole cluster's and a run may take days, so it is asked more and more seldom.
    """

    def __init__(self, jobs: Iterable) -> None:
        self.jobs = {job.job_id: job for job in jobs}
        self.began = self.next = time.monotonic()
        self.complained = False

    def __enter__(self) -> "SlurmJobs":
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is KeyboardInterrupt:
            raise KeyboardInterrupt(
                "stopped; the jobs on Slurm go on: start the same command again to wait for them, "
                f"or end them with: scancel {cancelled_by(self.jobs.values())}"
            ) from None

    def here(self) -> set[str] | None:
        """Those in the queue; None where it is too early to ask again, or nobody answers (said once).

        Raises:
            UserError: jobs that would wait for ever, which are taken out of the queue.
        """
        if time.monotonic() < self.next:
            return None
        try:
            found = queue()
        except NoAnswer as error:
            if not self.complained:
                console.note(f"slurm does not answer ({error}); still waiting")
            self.complained = True
            return None
        finally:
            now = time.monotonic()
            self.next = now + min(max(SHORTEST, (now - self.began) / 10), LONGEST)
        here = self.jobs.keys() & found.keys()
        if never := {job_id: found[job_id].reason for job_id in here if found[job_id].reason in NEVER}:
            subprocess.run(["scancel", *never], capture_output=True)
            raise UserError(f"cluster: slurm would never start the jobs ({', '.join(set(never.values()))}), "
                            "so they are cancelled; give a shorter --option timeout_min=MINUTES")
        return here

    def ending(self, job_id: str) -> str:
        """How a job that is not here ended, in Slurm's word; ``""`` where Slurm has forgotten it."""
        try:
            states = _squeue(f"--jobs={job_id}", "--states=all", "--format=%T")
        except NoAnswer:  # the id of a forgotten job is an error
            return ""
        return " ".join(states).lower()


def cancelled_by(jobs: Iterable) -> str:
    """Ids for ``scancel``: that of an array in place of those of its tasks."""
    return " ".join(sorted({job.job_id.partition("_")[0] for job in jobs}))


def _squeue(*options: str) -> list[str]:
    try:
        done = subprocess.run(["squeue", "--noheader", *options], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoAnswer(str(error)) from None
    if done.returncode:
        raise NoAnswer(in_a_line(done.stderr))
    return done.stdout.splitlines()


def in_a_line(text: str) -> str:
    """What one of Slurm's commands has said."""
    return "; ".join(line.split("error: ")[-1] for line in text.strip().splitlines())
