"""What a job does on a cluster: it trains a run for a turn, and knows what a signal means."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.sweeps.runner import train_and_keep
from lrreg_utils.sweeps.slurm import in_a_line


class Stopped(BaseException):
    """A job ended before its run was finished.

    As KeyboardInterrupt, it is no ordinary exception: it may be raised anywhere in training, where
    one of those would be taken for a damaged file or a full disk.
    """


@dataclass(frozen=True)
class Run:
    """What a job does, as submitit wants it: called once a turn."""

    config: Config
    device: str
    folder: Path

    def __call__(self) -> UserError | Stopped | None:
        """Train. A failure is returned: raised, it would come back as the text of a traceback."""
        try:
            with _signals():
                train_and_keep(self.config, self.device, self.folder)
        except (UserError, Stopped) as error:
            return error
        return None

    def checkpoint(self) -> object:
        """What the turn after a time limit does: the same, for the epochs are in the folder."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


@contextmanager
def _signals() -> Iterator[None]:
    """What ends a run within its job.

    submitit puts the job into the queue again at its time limit; where it does not, `Stopped` is
    raised. It ignores SIGTERM: an epoch that ends before Slurm's SIGKILL is kept. A local job ends.
    """
    submitits = signal.getsignal(signal.SIGUSR2)

    def at_time_limit(number: int, frame: object) -> None:
        try:
            submitits(number, frame)
        except Exception as error:
            why = in_a_line(str(error))
            raise Stopped(f"the time limit, --option timeout_min=MINUTES, ended its job ({why})") from None

    signal.signal(signal.SIGUSR2, at_time_limit)
    if os.environ.get("SUBMITIT_EXECUTOR") == "local":
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR2, submitits)
