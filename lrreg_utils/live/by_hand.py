"""Own runs without a panel: trained while the call waits, in a table that grows."""

from collections.abc import Callable

from lrreg_utils.live.session import FINISHED, RunSoFar, Session
from lrreg_utils.live.words import HEAD, table_line, told

LINES = 10  # of each run: one for each tenth of its epochs
POLL = 0.2


def train_by_hand(session: Session, say: Callable[[str], object] = print) -> None:
    """Train to the end. Ctrl-C, or interrupting the cell, stops and keeps what was done.

    Args:
        say: gets each line.
    """
    session.start()
    said: dict = {}
    say(HEAD)
    try:
        while session.alive:
            session.wait(POLL)
            _say_news(session, said, say)
    except KeyboardInterrupt:
        session.stop()
        _say_news(session, said, say)
    for problem in session.problems:
        say(problem)
    ending = "" if session.state == FINISHED else " lab.run() goes on."
    say(told(session) + ending)


def _say_news(session: Session, said: dict, say: Callable[[str], object]) -> None:
    left = session.seconds_left()
    for config, run in session.runs.items():
        tenth = _tenth(run)
        if tenth > said.get(config, 0):
            said[config] = tenth
            say(table_line(run, left))


def _tenth(run: RunSoFar) -> int:
    return len(run.rows) * LINES // run.config.epochs
