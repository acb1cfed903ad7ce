"""How own runs are told in lines of text: the state, the time left, and a table that grows."""

from lrreg_utils.figures.histories import NAMES
from lrreg_utils.live.session import FINISHED, READY, RUNNING, STOPPED, STOPPING, RunSoFar, Session
from lrreg_utils.tables import counted

HEAD = f"{'schedule':<22}{'seed':>5}{'epoch':>10}{'images %':>10}{'patches %':>11}   time left"


def duration(seconds: float | None) -> str:
    """About how long, in the unit that one would say."""
    if seconds is None:
        return "…"
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def told(session: Session) -> str:
    """The state of runs in one line."""
    done, total = session.epochs
    runs = counted(len(session.runs), "run")
    finished = f"{len(session.histories)} of {runs} finished"
    if session.state == READY:
        return f"{runs}, {counted(total, 'epoch')}"
    if session.state == RUNNING and not done:
        return "Getting ready: torch is loaded, images are read …"
    epochs, left = f"{done} of {counted(total, 'epoch')}", session.seconds_left()
    return {
        RUNNING: epochs if left is None else f"{epochs}, about {duration(left)} left",
        STOPPING: f"{epochs}; stopping …",
        STOPPED: f"Stopped. {epochs} are kept in {session.folder}; {finished}.",
        FINISHED: f"Finished: {finished}. They are in lab.histories, and kept in {session.folder}",
    }[session.state]


def table_line(run: RunSoFar, left: float | None) -> str:
    """A line of the growing table: where a run is after its last epoch."""
    row, schedule = run.rows[-1], run.config.schedule.name
    numbers = [row["test_clean_accuracy"], row["test_patch_only_accuracy"]]
    images, patches = ("" if value is None else f"{value:.1f}" for value in numbers)
    epoch = f"{len(run.rows)}/{run.config.epochs}"
    return (f"{NAMES.get(schedule, schedule):<22}{run.config.seed:>5}{epoch:>10}{images:>10}{patches:>11}"
            f"   {duration(left)}")
