"""`lr.lab()`: own runs, from a panel in a notebook or by plain calls."""

from pathlib import Path

from IPython import get_ipython

from lrreg_utils import console
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.live.by_hand import train_by_hand
from lrreg_utils.live.choices import Choices, suggested
from lrreg_utils.live.session import READY, RUNNING, STOPPING, Session
from lrreg_utils.live.words import told
from lrreg_utils.results.history import History

FOLDER = "lab-runs"
BY_CALLS = "lab.run() trains in a table that grows, Ctrl-C stops it, and lab.histories has the finished runs"
VIEW = "application/vnd.jupyter.widget-view+json"


def lab(data: str = "digits", network: str | None = None, *, folder: Path | str = FOLDER,
        device: str = "auto", **changes) -> "Lab":
    """Own runs: choose, start, watch the curves grow, stop, go on.

    As the last line of a notebook's cell it is a panel. Without ipywidgets or a notebook, ``lab.run()``
    trains in a table that grows. Every run equals ``lr.train`` of its config, however often it was stopped.

    Args:
        data: ``digits``, ``cifar10`` or ``folder:PATH``.
        network: ``hidden-128``, ``small`` or any ``model`` of a config; by default the quickest for the data.
        folder: where runs are kept, for example a folder of a mounted drive. What was begun there goes on.
        device: ``auto``, ``cpu`` or ``cuda``.
        changes: ``schedules``, ``large``, ``small``, ``annealed``, ``anneal_epoch``, ``noise``, ``patch``,
            ``seeds``, ``epochs``, and any field of `Config`; by default the book's values.

    Raises:
        UserError: a value that cannot be used, naming it.
    """
    made = Lab(suggested(data, network, **changes), folder, device)
    if reason := no_panel():
        console.note(f"lab: no panel ({reason}). {BY_CALLS}")
    return made


def no_panel() -> str | None:
    """Why no panel can be shown here; None where one can."""
    if getattr(get_ipython(), "kernel", None) is None:
        return "this is no notebook"
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return "ipywidgets is not installed: pip install ipywidgets"
    return None


class Lab:
    """Own runs, and what the reader does with them. Made by `lab`.

    Attributes:
        choices: what `start` trains.
        folder: where runs are kept.
        session: the runs last started or chosen.
    """

    def __init__(self, choices: Choices, folder: Path | str = FOLDER, device: str = "auto") -> None:
        self.device, self.panel = device, None
        self.choose(choices, folder)

    def choose(self, choices: Choices, folder: Path | str) -> None:
        """Set what `start` trains, and where it is kept.

        Raises:
            UserError: runs are training; or a value that no run takes.
        """
        if not str(folder).strip():
            raise UserError("folder: type where the runs are kept")
        if getattr(self, "session", None) and self.session.state in (RUNNING, STOPPING):
            raise UserError("lab: runs are training; stop them first")
        configs = choices.configs()
        self.choices, self.folder = choices, Path(folder)
        self.session = Session(configs, self.folder, self.device, self._changed)

    @property
    def configs(self) -> list[Config]:
        """The runs that are chosen."""
        return list(self.session.runs)

    @property
    def histories(self) -> list[History]:
        """The finished runs of those last started; earlier ones lie in the folder, see `load_histories`."""
        return self.session.histories

    @property
    def state(self) -> str:
        """``ready``, ``running``, ``stopping``, ``stopped`` or ``finished``."""
        return self.session.state

    def start(self) -> None:
        """Train in the background, from the beginning or from what the folder holds.

        Raises:
            UserError: it is training already, or the folder cannot be written.
        """
        self.session.start()

    def stop(self) -> None:
        """Stop within about two seconds; what was done is kept."""
        self.session.stop()

    def go_on(self) -> None:
        """Go on where it was stopped.

        Raises:
            UserError: nothing was started, it is training, or the folder cannot be written.
        """
        if self.state == READY:
            raise UserError("lab: nothing was started yet; lab.start() begins")
        self.session.start()

    def wait(self, seconds: float | None = None) -> None:
        """Return when nothing trains any more, or after this time; interrupting the call stops the runs."""
        try:
            self.session.wait(seconds)
        except KeyboardInterrupt:
            self.session.stop()
            raise

    def run(self) -> list[History]:
        """Train while this call waits, in a table that grows; Ctrl-C stops, and the next call goes on.

        Returns:
            the finished runs.
        """
        train_by_hand(self.session)
        return self.histories

    def __repr__(self) -> str:
        return f"<lab: {told(self.session)}>"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        if no_panel():
            return {"text/plain": repr(self)}
        if self.panel is None:
            from lrreg_utils.live.panel import Panel

            self.panel = Panel(self)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.panel.box.model_id}
        return {"text/plain": f"{self!r} {BY_CALLS}", VIEW: view}

    def _changed(self) -> None:
        if self.panel is not None:
            self.panel.draw()
