"""Assignments train the same networks whatever is answered: once for all tests of a process."""

import pytest


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(autouse=True)
def own_cache(trained_once, monkeypatch):
    """No test reads or writes the user's cache."""
    monkeypatch.setenv("LRREG_CACHE", str(trained_once))
