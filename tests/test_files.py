import errno
import os

import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.files import cache_dir, remove_leftovers, writable_folder, write_atomically


def test_a_file_is_written_and_readable_by_all(tmp_path):
    write_atomically(tmp_path / "a.json", lambda target: target.write(b"new"))
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o644
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_an_old_file_is_replaced(tmp_path):
    (tmp_path / "a.json").write_bytes(b"old and longer")
    write_atomically(tmp_path / "a.json", lambda target: target.write(b"new"))
    assert (tmp_path / "a.json").read_bytes() == b"new"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, error):
    (tmp_path / "a.json").write_bytes(b"old")

    def write(target):
        target.write(b"half")
        raise error

    with pytest.raises(type(error)):
        write_atomically(tmp_path / "a.json", write)
    assert (tmp_path / "a.json").read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_nobody_sees_half_a_file(tmp_path):
    (tmp_path / "a.json").write_bytes(b"old")

    def write(target):
        target.write(b"new")
        target.flush()
        assert (tmp_path / "a.json").read_bytes() == b"old"
        assert [file.name for file in tmp_path.glob("*.json")] == ["a.json"]  # no reader takes the other one

    write_atomically(tmp_path / "a.json", write)
    assert (tmp_path / "a.json").read_bytes() == b"new"


def test_a_folder_is_made_with_its_parents_and_left_empty(tmp_path):
    assert writable_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert list((tmp_path / "a" / "b").iterdir()) == []
    writable_folder(tmp_path / "a" / "b")


@pytest.mark.parametrize("below", ["file", "file/folder"])
def test_a_folder_that_cannot_be_made_is_a_user_error(tmp_path, below):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"^output: .* cannot be written \("):
        writable_folder(tmp_path / below)


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o077])
def test_the_user_s_umask_decides_who_may_read(tmp_path, umask):
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "a.json", lambda target: target.write(b"new"))
    finally:
        os.umask(before)
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.fixture
def refuse(monkeypatch):
    """Makes a call of the operating system fail, as mounts of other systems do."""

    def start(name, number):
        def fail(*arguments, **keywords):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, name, fail)

    return start


@pytest.mark.parametrize(("name", "number"), [
    ("chmod", errno.EPERM), ("fchmod", errno.EPERM), ("utime", errno.EPERM), ("chown", errno.EPERM),
    ("fsync", errno.EINVAL), ("fsync", errno.ENOTSUP), ("fsync", errno.ENOSYS),
])
def test_what_a_file_system_may_refuse_without_loss_stops_nothing(tmp_path, refuse, name, number):
    refuse(name, number)
    writable_folder(tmp_path)
    write_atomically(tmp_path / "a.json", lambda target: target.write(b"new"))
    assert (tmp_path / "a.json").read_bytes() == b"new"


@pytest.mark.parametrize(("name", "number"), [
    ("fsync", errno.EIO), ("fsync", errno.ENOSPC), ("replace", errno.EPERM), ("replace", errno.EXDEV),
])
def test_what_would_lose_a_result_is_found_before_anything_is_trained(tmp_path, refuse, name, number):
    refuse(name, number)
    with pytest.raises(UserError, match=r"^output: .* cannot be written \(.*\); choose another folder"):
        writable_folder(tmp_path / "runs")
    assert list((tmp_path / "runs").iterdir()) == []


def test_leftovers_of_exactly_this_file_are_removed(tmp_path):
    for name in (".a[1].json.0123", ".a1.json.0123", "a[1].json"):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path / "a[1].json")
    assert sorted(file.name for file in tmp_path.iterdir()) == [".a1.json.0123", "a[1].json"]


def test_no_home_folder_for_the_cache(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("LRREG_CACHE")
    monkeypatch.setattr("pathlib.Path.home", homeless)
    with pytest.raises(UserError, match="cache: no home folder; set LRREG_CACHE"):
        cache_dir()


def test_the_cache_is_in_the_home_folder_where_nothing_else_is_said(tmp_path, monkeypatch):
    monkeypatch.delenv("LRREG_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_dir() == tmp_path / ".cache" / "lrreg_utils"
