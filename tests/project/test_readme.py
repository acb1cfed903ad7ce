"""Every command of the README is run: at its own size where that is small, else at a smaller one."""

import re
import shlex
from pathlib import Path

import pytest

from lrreg_utils.cli.main import main
from lrreg_utils.theory import separation

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line]
PYTHON = [command for command in COMMANDS if command.startswith("python -m lrreg_utils")]
# What makes a command small enough for a test; everything else in it stays
SMALLER = {
    "demo": ["--seeds", "1", "--set=epochs=1", "--set=batch_size=10", "--workers", "1"],
    "train": ["--set=model=wrn16-1", "--set=epochs=1", "--set=batch_size=10"],
    "sweep": ["--dry-run"],  # its runs are for a GPU; test_sweep.py makes small ones
    "data": [],
    "show": [],
    "claims": [],
    "theory": ["--seeds", "1"],
}


def test_the_two_commands_are_what_ci_runs():
    assert COMMANDS[:2] == ["make book", "make test"]
    assert set(COMMANDS[:2]) <= set((ROOT / ".ci/run").read_text(encoding="utf-8").splitlines())


def test_every_other_command_is_run_here():
    assert COMMANDS[2:] == PYTHON
    assert {shlex.split(command)[3] for command in PYTHON} == set(SMALLER)


@pytest.mark.parametrize("command", PYTHON)
def test_command_of_the_readme(command, small_cifar10, make_folder, tmp_path, monkeypatch, capsys):
    arguments = shlex.split(command)[3:]
    if "cifar10" in arguments and arguments[0] != "data":
        assert main(["data", "cifar10"]) == 0  # the README's line before it
    arguments = [argument.replace("folder:PATH", f"folder:{make_folder()}") for argument in arguments]
    monkeypatch.setattr(separation, "LAM", 64 * separation.LAM)  # the theory, in a few steps
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(ROOT / "data")
    assert main(arguments + SMALLER[arguments[0]]) == 0
    assert capsys.readouterr().out.strip()


def test_the_first_screen_says_shows_and_starts():
    first = TEXT.split("## ")[0]
    assert first.count("![") == 3 and "assets/share.png" in first  # two badges and the picture
    assert "make book\nmake test\n" in first
    assert len(first.splitlines()) <= 22


def test_the_lines_of_code_run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    found = {}
    exec(code, found)
    assert re.fullmatch(r"\d+\.\d % of the test images are right\n", capsys.readouterr().out)
    assert found["figure"].axes and (tmp_path / "curves.png").stat().st_size
