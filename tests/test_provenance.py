import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
import torch

from lrreg_utils import provenance as module
from lrreg_utils.provenance import commit, device_name, provenance


def git(folder, *arguments):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository of its own, in which the package seems to lie."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "provenance.py").write_text("old\n")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "package" / "provenance.py"))
    return tmp_path


def test_the_facts_of_a_run(tiny):
    facts = provenance("digits", "0123", torch.device("cpu"), 1)
    assert set(facts) == {
        "data", "data_sha256", "device", "threads", "seconds", "date", "versions", "commit",
    }
    assert (facts["data"], facts["data_sha256"]) == ("digits", "0123")
    assert facts["threads"] == 1
    assert abs((date.fromisoformat(facts["date"]) - date.today()).days) <= 1
    assert set(facts["versions"]) == {"python", "torch", "lrreg_utils"}
    assert facts["versions"]["torch"] == torch.__version__
    assert facts["device"] == device_name(torch.device("cpu")) != ""


def test_no_path_of_the_machine_is_kept(tiny):
    facts = provenance("folder:ants", "", torch.device("cpu"), 1)
    assert facts["data"] == "ants"
    assert "/home" not in str(facts)


def test_the_processor_has_a_name_without_proc(monkeypatch):
    monkeypatch.setattr(module, "Path", lambda name: Path("/nonexistent"))
    assert device_name(torch.device("cpu"))


def test_the_commit_says_whether_files_differ(repository):
    git(repository, "init")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "first")
    assert re.fullmatch("[0-9a-f]{10}", commit())
    (repository / "package" / "provenance.py").write_text("new\n")
    assert re.fullmatch("[0-9a-f]{10}-dirty", commit())


def test_outside_a_repository_the_environment_says_the_commit(repository, monkeypatch):
    monkeypatch.delenv("LRREG_COMMIT", raising=False)
    assert commit() is None
    monkeypatch.setenv("LRREG_COMMIT", " 0123456789\n")
    assert commit() == "0123456789"


def test_the_version_is_that_of_the_project():
    text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{module.versions()["lrreg_utils"]}"\n' in text


def test_no_commit_where_git_fails(repository):
    (repository / ".git").mkdir()
    assert commit() is None
