"""What `make` does with `.venv`: the real Makefile, with a tool of one line to install instead of torch."""

import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = "{}.{}".format(*sys.version_info)
pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="needs make")
# What users have set for other Pythons; none of it may reach into .venv
HOSTILE = {"PYTHONPATH": "/nowhere", "PYTHONHOME": "/nowhere", "PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1",
           "PIP_TARGET": "/nowhere/target", "PIP_PREFIX": "/nowhere/prefix", "PIP_NO_INDEX": "1"}
# What a make that runs these tests says to its children, another make would obey
SAID_BY_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON"}


def make_lint(folder: Path, python: str | None = None) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name not in SAID_BY_MAKE} | HOSTILE
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["make", "lint"] + ([f"PYTHON={python}"] if python else [])
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def write_ruff(folder: Path, version: int) -> None:
    """A wheel that is a `ruff`: it prints what `make lint` asks of it."""
    about = f"ruff-{version}.dist-info"
    with zipfile.ZipFile(folder / f"ruff-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("ruff.py", f"import sys\nprint('ruff {version}:', *sys.argv[1:])\n")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: ruff\nVersion: {version}\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    (folder / "requirements.txt").write_text(f"./ruff-{version}-py3-none-any.whl\n", encoding="utf-8")


@pytest.fixture
def strange_python(tmp_path):
    """A Python of another version that cannot make environments, as Debian's without its package."""

    def write(version: tuple) -> str:
        path = tmp_path / "strange python"
        change = f'sys.version_info = {version}; sys.modules["ensurepip"] = None; exec(sys.argv[1])'
        script = f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -c 'import sys; {change}' \"$2\"\n"
        path.write_text(script, encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    return write


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A folder of an unkind name, in which an environment was left without pip; and what make then said."""
    folder = tmp_path_factory.mktemp("make") / "the book's folder, ü $HOME"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    write_ruff(folder, 1)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    (folder / ".venv" / "kept").touch()
    return folder, make_lint(folder)


@pytest.fixture
def project(first):
    folder, said = first
    assert said.returncode == 0, said.stderr
    return folder


def test_an_environment_without_pip_is_mended(first):
    folder, said = first
    assert said.returncode == 0, said.stderr
    assert "== installing into .venv" in said.stdout and "ruff 1: check ." in said.stdout
    assert (folder / ".venv" / "kept").exists()


def test_a_second_time_nothing_is_installed(project):
    said = make_lint(project).stdout.splitlines()
    assert len(said) == 2 and said[0] == "== style" and said[1].endswith("check .")


def test_an_installation_that_was_interrupted_goes_on(project):
    (project / ".venv" / "installed").unlink()
    assert "== installing" in make_lint(project).stdout
    assert "== installing" not in make_lint(project).stdout


def test_what_is_asked_for_anew_is_installed(project):
    write_ruff(project, 2)
    assert "ruff 2: check ." in make_lint(project).stdout


def test_another_version_is_made_only_where_it_is_asked_for(project, strange_python):
    said = make_lint(project, strange_python((3, 99)))
    assert said.returncode == 2 and "python3.99-venv" in said.stderr
    assert make_lint(project, sys.executable).returncode == 0
    assert (project / ".venv" / "installed").exists()


@pytest.mark.parametrize("version, message", [
    (None, "does not run; say where Python 3.10 or newer is: make PYTHON=/path/to/python3"),
    ((3, 8), "is Python 3.8; 3.10 or newer is needed: make PYTHON=python3.12"),
    ((3, 12), "cannot make .venv; on Debian or Ubuntu: apt install python3.12-venv; elsewhere take another"),
])
def test_one_line_says_what_to_do(tmp_path, strange_python, version, message):
    for name in ("Makefile", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    said = make_lint(tmp_path, strange_python(version) if version else "/nowhere/python3")
    assert said.returncode == 2 and not (tmp_path / ".venv").exists()
    lines = [line for line in said.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(lines) == 1 and lines[0].startswith("error: ") and message in lines[0]


def lose_its_python(folder: Path) -> Path:
    for link in (folder / ".venv" / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/python3")
    return folder


def lose_its_settings(folder: Path) -> Path:
    (folder / ".venv" / "pyvenv.cfg").unlink()
    return folder


def be_moved(folder: Path) -> Path:
    return folder.rename(folder.with_name("elsewhere"))


@pytest.mark.parametrize("happens", [lose_its_python, lose_its_settings, be_moved])
def test_an_environment_that_cannot_be_used_is_made_anew(project, tmp_path, strange_python, happens):
    """Seen by a Python that cannot: it says so. The first is really made, which takes seconds."""
    copy = tmp_path / "copy"
    shutil.copytree(project, copy, symlinks=True)
    stamp = copy / ".venv" / "installed"
    stamp.write_text(stamp.read_text(encoding="utf-8").replace(str(project), str(copy)), encoding="utf-8")
    broken = happens(copy)
    if happens is lose_its_python:
        said = make_lint(broken)
        assert said.returncode == 0 and "== installing" in said.stdout and "check ." in said.stdout
    else:
        said = make_lint(broken, strange_python(tuple(sys.version_info[:2])))
        assert said.returncode == 2 and f"python{VERSION}-venv" in said.stderr
