"""The workflow runs what the project promises, and `.ci/run` installs only what is missing."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
BASH = shutil.which("bash")
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
             for path in (ROOT / ".github/workflows").glob("*.yml")}
JOBS = WORKFLOWS["ci"]["jobs"]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
# A command that writes down how it was called; no system here has the browser that is only a help
RECORDS = """#!/bin/sh
echo "$(basename "$0") $*" >> "$LOG"
case "$*" in *chromium-headless-shell) exit 100;; esac
"""


def commands(job: str) -> list[str]:
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def test_the_workflow_runs_every_python_that_is_promised():
    pythons = JOBS["unit"]["strategy"]["matrix"]["python"]
    assert pythons == re.findall(r"Programming Language :: Python :: (3\.\d+)", PROJECT)
    (promised,) = re.findall(r'requires-python = "(.*)"', PROJECT)
    assert all(version in SpecifierSet(promised) for version in pythons)
    assert "3.9" not in SpecifierSet(promised)


def test_its_commands_are_there():
    assert commands("book") == [".ci/run"] and os.access(ROOT / ".ci/run", os.X_OK)
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert commands("unit") == ["make lint unit"] and {"lint", "unit"} <= set(targets)


def test_every_job_has_an_end_and_every_command_is_there():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for name, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {"contents": "read"}, name
        for job in workflow["jobs"].values():
            assert "timeout-minutes" in job or "uses" in job, name
            for step in job.get("steps", ()):
                words = step.get("run", "").split()
                assert words[:1] != ["make"] or set(words[1:]) <= targets, words
                scripts = [word for word in words if word.startswith(("scripts/", ".ci/"))]
                assert all((ROOT / script).is_file() for script in scripts), words


def test_a_site_is_published_and_released_only_after_the_tests():
    for name, job in (("publish", "deploy"), ("release", "release")):
        jobs = WORKFLOWS[name]["jobs"]
        assert jobs["test"] == {"uses": "./.github/workflows/ci.yml"} and jobs[job]["needs"] == "test"


@pytest.fixture
def run_ci(tmp_path):
    """Run `.ci/run` where only these commands exist; they write down how they were called."""

    def run(*available: str) -> tuple[subprocess.CompletedProcess, list[str]]:
        for name in available:
            (tmp_path / name).write_text(RECORDS, encoding="utf-8")
            (tmp_path / name).chmod(0o755)
        for name in ("basename", "dirname", "env"):
            (tmp_path / name).symlink_to(shutil.which(name))
        if "sudo" in available:
            (tmp_path / "sudo").write_text('#!/bin/sh\nexec "$@"\n', encoding="utf-8")
        log = tmp_path / "log"
        environment = {"PATH": str(tmp_path), "LOG": str(log)}
        done = subprocess.run([BASH, ROOT / ".ci/run"], env=environment, capture_output=True, text=True)
        return done, log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    return run


MADE = ["make test", "make book", "make pages"]
THE_OTHERS = {"chromium": "google-chrome", "nodejs": "node", "slurm-wlm": "slurmctld", "munge": "munged"}


def test_what_is_there_is_not_installed(run_ci):
    done, log = run_ci("make", "node", "chromium-browser", "slurmctld", "munged", "apt-get", "sudo")
    assert (done.returncode, log) == (0, MADE), done.stderr


@pytest.mark.parametrize("package", THE_OTHERS)
def test_what_is_missing_is_installed(run_ci, package):
    there = {command for name, command in THE_OTHERS.items() if name != package}
    done, log = run_ci("make", "apt-get", "sudo", *there)
    installed = [f"apt-get install -y -qq {name}" for name in (package, "chromium-headless-shell")]
    assert (done.returncode, log) == (0, ["apt-get update -qq", *installed, *MADE])


def test_where_nothing_can_be_installed_one_line_says_what_to_do(run_ci):
    done, log = run_ci("make", "node", "slurmctld", "munged")
    assert (done.returncode, log) == (2, [])
    assert done.stderr == "error: install first: chromium\n"
