"""Own runs of a few seconds."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from lrreg_utils.live import crew
from lrreg_utils.live import session as session_module
from lrreg_utils.live.session import Session


@pytest.fixture(autouse=True)
def one_worker(monkeypatch):
    """Tests run side by side already, and each worker loads torch."""
    monkeypatch.setattr(session_module, "usable_cores", lambda: 1)


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A stopped worker may end its epoch however busy the cores are, unless a test sets it otherwise."""
    monkeypatch.setattr(crew, "GRACE", 60.0)


@pytest.fixture
def longer(tiny):
    """A run long enough to be stopped."""
    return replace(tiny, epochs=25)


@pytest.fixture
def make_session(tmp_path):
    """Makes sessions that end with the test."""
    made = []

    def make(configs, **options) -> Session:
        made.append(Session(configs, tmp_path / "runs", "cpu", **options))
        return made[-1]

    yield make
    for session in made:
        session.stop()


@pytest.fixture
def until() -> Callable:
    """Wait for something that comes soon."""

    def wait(true: Callable[[], object], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end
            time.sleep(0.02)

    return wait
