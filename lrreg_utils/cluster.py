"""A bag of runs on a Slurm cluster, or as local jobs with the same code, through submitit."""

import time
from pathlib import Path

from tqdm import tqdm

from lrreg_utils.config import Config
from lrreg_utils.errors import UserError
from lrreg_utils.files import writable_folder
from lrreg_utils.history import History
from lrreg_utils.runs import kept_history, report, train_and_keep

POLL_SECONDS = 2.0


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

    A run whose history is in ``folder`` is not submitted; one that was stopped goes on from its
    checkpoint there, so the folder must be seen by every machine. Logs of the jobs lie in
    ``folder/.jobs``. This process may be stopped: the jobs go on, and a second call waits for them.

    Args:
        cluster: ``slurm``, or ``local`` for processes on this machine.
        options: what submitit's executor takes, for example ``timeout_min`` or ``slurm_partition``.

    Raises:
        UserError: no such cluster here, or, after all the others have ended, the runs that failed.
    """
    try:
        import submitit
    except ImportError:
        raise UserError("cluster: submitit is not installed; pip install submitit") from None
    target = writable_folder(Path(folder))
    missing = [config for config in dict.fromkeys(configs) if kept_history(config, target) is None]
    if not missing:
        return [kept_history(config, target) for config in configs]
    try:
        executor = submitit.AutoExecutor(target / ".jobs", cluster=cluster)
        executor.update_parameters(**{"name": "lrreg", **options})
    except (RuntimeError, ValueError, NameError, TypeError, AssertionError) as error:
        raise UserError(f"cluster: {cluster} cannot be used here ({error})") from None
    with executor.batch():
        jobs = {config: executor.submit(_outcome, config, device, target) for config in missing}

    failed: dict[Config, Exception] = {}
    with tqdm(total=len(jobs), unit="run", disable=not progress, leave=False) as bar:
        while jobs:
            for config, job in [(config, job) for config, job in jobs.items() if job.done()]:
                del jobs[config]
                bar.update()
                if (error := job.exception() or job.result()) is not None:
                    failed[config] = error
            time.sleep(POLL_SECONDS if jobs else 0)
    report(failed, len(configs))
    return [kept_history(config, target) for config in configs]


def _outcome(config: Config, device: str, folder: Path) -> UserError | None:
    try:
        train_and_keep(config, device, folder)
    except UserError as error:  # as a value: an exception would come back as the text of a log
        return error
    return None
