"""A bag of runs on a Slurm cluster, or as local jobs with the same code, through submitit.

A run is over when its history is in the folder, whichever job wrote it. Until then its job may be
requeued, preempted or stopped at its time limit: the next turn goes on after the last whole epoch.
"""

import os
import pickle
import shutil
import signal
import threading
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from io import StringIO
from pathlib import Path

from tqdm import tqdm

from lrreg_utils import console
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.files import writable_folder
from lrreg_utils.results.history import History
from lrreg_utils.sweeps.job import Run, Stopped
from lrreg_utils.sweeps.packing import packed_run
from lrreg_utils.sweeps.runner import history_path, kept_history, report
from lrreg_utils.sweeps.slurm import NoAnswer, SlurmJobs, cancelled_by, in_a_line, queue

POLL_SECONDS = 2.0
LATE_SECONDS = 60.0  # a shared file system may show a file of another machine no sooner
MINUTES = {"slurm": 5, "local": 7 * 24 * 60}  # of a job, unless given
NO_FAULT = ("cancelled", "preempted", "timeout")  # ends of which the log says no more
AGAIN = "; finished epochs are kept: start the same command again to go on"
MISTAKES = (AssertionError, NameError, OSError, RuntimeError, TypeError, ValueError)  # how submitit refuses


def submit_all(
    configs: list[Config],
    folder: Path,
    device: str = "auto",
    cluster: str = "slurm",
    progress: bool = True,
    /,  # a name of these may be an option
    **options,
) -> list[History]:
    """Train every config as a job of its own, wait for all, and return the histories in order.

    A run whose history is in ``folder`` is not submitted, nor one whose job of an earlier call still
    waits or runs on Slurm; one that was stopped goes on from its checkpoint there, so the folder must
    be seen by every machine. Logs of the jobs lie in ``folder/.jobs``. This process may be stopped:
    jobs on Slurm go on, and the next call waits for them; local jobs end at Ctrl-C.

    Args:
        cluster: ``slurm``, or ``local`` for processes on this machine.
        options: what submitit's executor takes, for example ``timeout_min`` (on Slurm 5 unless given),
            ``slurm_partition``, or ``slurm_max_num_timeout``: how often a job that has run into its
            time limit is queued again (3 unless given).

    Raises:
        UserError: a cluster that does not take the jobs; or, after all the others have ended, the runs
            that failed and those whose job was stopped.
    """
    try:
        import submitit  # noqa: F401
    except ImportError:
        raise UserError("cluster: submitit is not installed; pip install submitit") from None
    target = writable_folder(Path(folder)).resolve()
    missing = [config for config in dict.fromkeys(configs) if kept_history(config, target) is None]
    if missing:
        executor = _executor(cluster, target / ".jobs" / uuid.uuid4().hex[:8], options)
        jobs = _known(missing, target / ".jobs") if cluster == "slurm" else {}
        jobs |= _submit(executor, [Run(config, device, target) for config in missing if config not in jobs])
        with (SlurmJobs if cluster == "slurm" else _LocalJobs)(jobs.values()) as ours:
            failed = _wait(jobs, ours, target, progress)
        _report(failed, len(configs))
    return [kept_history(config, target) for config in configs]


def _executor(cluster: str, folder: Path, options: dict):
    import submitit

    minutes = options.get("timeout_min", MINUTES.get(cluster))
    settings = {
        "name": "lrreg",
        "timeout_min": minutes,
        # Seconds before the limit: submitit's 90 are more than a job of a minute has
        "slurm_signal_delay_s": min(90, 15 * minutes) if isinstance(minutes, int) else 90,
        "slurm_additional_parameters": {"requeue": True},  # a cluster may need to be told that a job can
    } | options
    often = {name: settings.pop(name) for name in ("slurm_max_num_timeout",) if name in settings}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an option by an old name, say
            executor = submitit.AutoExecutor(folder, cluster=cluster, **often)
            executor.update_parameters(**settings)
    except (Warning, *MISTAKES) as error:
        raise UserError(f"cluster: {cluster} cannot be used here ({str(error).splitlines()[0]})") from None
    return executor


def _known(missing: list[Config], folder: Path) -> dict:
    """The jobs of earlier calls on this folder that still wait or run, by their run."""
    import submitit

    found = {}
    for job_id, script in _settled(folder).items():
        job = submitit.SlurmJob(script.parent, job_id)
        with suppress(Exception):  # another version of the package may have submitted it
            found[job.submission().function.config] = job
    found = {config: found[config] for config in missing if config in found}
    if found:
        console.note(f"{len(found)} of the runs have a job in the queue already, which is waited for; "
                     f"to begin anew, stop this and: scancel {cancelled_by(found.values())}")
    return found


def _settled(folder: Path) -> dict[str, Path]:
    """Ids and scripts of the jobs submitted from below ``folder``, once none of them is about to end.

    One that is may be requeued as well as cancelled: the queue does not tell before it has ended.
    """
    end = time.monotonic() + LATE_SECONDS
    while True:
        try:
            ours = {key: job for key, job in queue().items() if job.script.parent.parent == folder}
        except NoAnswer as error:
            raise UserError(f"cluster: slurm cannot be used here ({error})") from None
        settled = {key: job.script for key, job in ours.items() if job.state != "COMPLETING"}
        if settled.keys() == ours.keys() or time.monotonic() > end:
            return settled
        time.sleep(POLL_SECONDS)


def _submit(executor, runs: list[Run]) -> dict:
    if not runs:
        return {}
    try:
        # What sbatch says is in the exception, too
        with redirect_stderr(StringIO()), _deaf_to_ctrl_c(executor.cluster == "local"), executor.batch():
            jobs = {run.config: executor.submit(run) for run in runs}
    except MISTAKES as error:
        shutil.rmtree(executor.folder, ignore_errors=True)
        reason = in_a_line(str(error))
        raise UserError(f"cluster: {executor.cluster} does not take the jobs ({reason})") from None
    return jobs


@contextmanager
def _deaf_to_ctrl_c(wanted: bool) -> Iterator[None]:
    """A terminal sends Ctrl-C to all; processes begun here do not hear it, and are left to `_LocalJobs`."""
    if not wanted or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _LocalJobs:
    """Jobs on this machine, which are ended where nobody waits for them any longer; a context to wait in."""

    def __init__(self, jobs: Iterable) -> None:
        self.jobs = list(jobs)

    def __enter__(self) -> "_LocalJobs":
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        while living := [job for job in self.jobs if not job.done()]:
            for job in living if kind else []:
                # submitit's process hands it on to the job, which ignores it until it trains: tell it again
                os.kill(int(job.job_id), signal.SIGTERM)
            time.sleep(POLL_SECONDS)

    def here(self) -> set[str]:
        return {job.job_id for job in self.jobs if not job.done()}

    def ending(self, job_id: str) -> str:
        return "its process was killed"


def _wait(jobs: dict, ours, target: Path, progress: bool) -> dict[Config, BaseException]:
    """Wait until every run has its history, or its job has failed or is gone; these runs, and why."""
    failed: dict[Config, BaseException] = {}
    missed: dict[str, float] = {}  # since when a job is gone without a word
    with tqdm(total=len(jobs), unit="run", disable=not progress, leave=False) as bar:
        while jobs:
            here = ours.here()  # before the files: a job that has left has written them
            for config, job in list(jobs.items()):
                if not (history_path(config, target).exists() or packed_run(config.id, target)):
                    gone = here is not None and job.job_id not in here
                    error = _failure(job) or (_loss(job, ours, missed) if gone else None)
                    if error is None:
                        continue
                    failed[config] = error
                del jobs[config]
                bar.update()
            time.sleep(POLL_SECONDS if jobs else 0)
    return failed


def _failure(job) -> BaseException | None:
    """What a job has left where its run failed."""
    try:
        outcome, value = pickle.loads(job.paths.result_pickle.read_bytes())
    except (OSError, EOFError):  # nothing yet, or not all of it
        return None
    return RuntimeError(f"{value.strip()}; log: {job.paths.stderr}") if outcome == "error" else value


def _loss(job, ours, missed: dict[str, float]) -> Stopped | None:
    """What became of a job that is gone and has left nothing."""
    ending = ours.ending(job.job_id)
    since = missed.setdefault(job.job_id, time.monotonic())
    if ending in ("", "completed") and time.monotonic() < since + LATE_SECONDS:
        return None
    log = "" if ending in NO_FAULT else f"; log: {job.paths.stderr}"
    return Stopped(f"job {job.job_id} is gone ({ending or 'Slurm has forgotten it'}{log})")


def _report(failed: dict[Config, BaseException], total: int) -> None:
    """As `report`, with what to do where a job was stopped."""
    try:
        report(failed, total)
    except UserError as error:
        stopped = any(isinstance(each, Stopped) for each in failed.values())
        raise UserError(f"{error}{AGAIN if stopped else ''}") from None
