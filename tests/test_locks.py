import errno
import fcntl
import os

import pytest

from lrreg_utils.locks import locked
from lrreg_utils.sweeps.runner import history_path, train_and_keep
from lrreg_utils.training.train import train


@pytest.fixture(params=[errno.ENOLCK, errno.EOPNOTSUPP, errno.EACCES, 524], ids=str)
def without_locks(request, monkeypatch):
    """A file system without locks, as NFS without its daemon, and some FUSE mounts, are."""

    def refuse(handle, operation):
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", refuse)
    return request.param


def test_a_lock_is_held_by_one(tmp_path):
    with locked(tmp_path / "a") as held:
        assert held
        handle = os.open(tmp_path / "a", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(handle)


def test_a_run_is_trained_and_kept_without_locks(without_locks, tiny, tmp_path):
    if without_locks == errno.EACCES:
        pytest.skip("some systems say so of a lock that another process holds: it is waited for")
    history = train_and_keep(tiny, "cpu", tmp_path)
    assert history.columns == train(tiny, "cpu").history.columns
    assert history_path(tiny, tmp_path).exists() and not list(tmp_path.glob("*.pt"))


def test_a_place_for_locks_that_cannot_be_made_stops_nothing(tiny, tmp_path):
    (tmp_path / ".locks").write_text("a file of this name")
    train_and_keep(tiny, "cpu", tmp_path)
    assert history_path(tiny, tmp_path).exists()
