"""A release pins its notebooks to its tag, and the sites of earlier ones stay open; in a copy of the book."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IDENTITY = os.environ | {f"GIT_{who}_{what}": "nobody@example.org"
                         for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A repository with the files of this one, committed, and a way to run its scripts."""
    folder = tmp_path_factory.mktemp("copy")
    command = ["git", "-C", ROOT, "ls-files", ":!data", ":!tests"]
    for name in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())

    def git(*arguments: str) -> str:
        command = ["git", "-C", folder, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=IDENTITY)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def script(name: str, *arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, folder / "scripts" / name, *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=IDENTITY)

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "All")
    return folder, git, script


def test_a_release_pins_its_notebooks_and_main_goes_on(copy):
    *_, git, script = copy
    assert "no address yet" in script("release.py", "9.8.7").stderr
    assert script("address.py", "one/book").returncode == 0
    assert "not committed" in script("release.py", "9.8.7").stderr
    git("commit", "-qam", "Name the repository")
    before = git("rev-parse", "HEAD^{tree}")
    done = script("release.py", "9.8.7")
    assert done.returncode == 0 and "git push origin HEAD v9.8.7" in done.stdout, done.stderr
    assert "exists" in script("release.py", "9.8.7").stderr
    notebook = "chapters/01_puzzle.ipynb"
    assert "one/book@v9.8.7" in git("show", f"v9.8.7:{notebook}")
    assert "one/book/blob/v9.8.7/chapters/01_puzzle.ipynb" in git("show", "v9.8.7:chapters/intro.md")
    changed = git("diff", "--name-only", before.strip(), "HEAD").split()
    assert changed == ["CITATION.cff", "lrreg_utils/__init__.py", "pyproject.toml"]  # only the version is new
    assert "do not install v9.8.7" in script("release.py", "--check", "v9.8.7").stderr  # on main
    git("checkout", "-q", "v9.8.7")
    assert script("release.py", "--check", "v9.8.7").returncode == 0
    assert "has version 9.8.7" in script("release.py", "--check", "v9.8.6").stderr
    git("checkout", "-q", "main")


def test_earlier_sites_stay_open(copy, tmp_path, monkeypatch):
    """With a command ``gh`` that knows two releases, one of them without a site."""
    *_, script = copy
    page, archive = tmp_path / "index.html", tmp_path / "site.tar.gz"
    page.write_text("last year's")
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(page, "index.html")
    answers = {"release list": json.dumps([{"tagName": "v2"}, {"tagName": "v1"}]),
               "release view v2": json.dumps({"assets": []}),
               "release view v1": json.dumps({"assets": [{"name": "site.tar.gz"}]})}
    cases = "\n".join(f"'{asked} '*) echo '{answer}';;" for asked, answer in answers.items())
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    fetch = f"'release download v1 --pattern site.tar.gz --dir '*) cp {archive} $7;;"
    gh.write_text(f'#!/bin/sh\ncase "$* " in\n{cases}\n{fetch}\n*) exit 3;;\nesac\n')
    gh.chmod(0o755)
    monkeypatch.setitem(IDENTITY, "PATH", f"{gh.parent}:{os.environ['PATH']}")
    site = tmp_path / "site"
    site.mkdir()
    done = script("earlier_sites.py", str(site))
    assert done.returncode == 0, done.stderr
    versions = site / "versions"
    assert (versions / "v1/index.html").read_text() == "last year's" and not (versions / "v2").exists()
    assert 'href="v1/"' in (versions / "index.html").read_text()
    assert "say the folder" in script("earlier_sites.py", str(site / "nowhere")).stderr
