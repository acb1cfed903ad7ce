"""Every command of the README is run: at its own size where that is small, else at a smaller one."""

import pickle
import re
import shlex
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torchvision.datasets.utils
from torchvision.datasets import CIFAR10

from lrreg_utils.cli import main

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line]
PYTHON = [command for command in COMMANDS if command.startswith("python -m lrreg_utils")]
# What makes a command small enough for a test; everything else in it stays
SMALLER = {
    "demo": ["--seeds", "1", "--epochs", "1", "--batch-size", "10", "--workers", "1"],
    "train": ["--model", "wrn16-1", "--epochs", "1", "--batch-size", "10"],
    "sweep": ["--dry-run"],  # the runs themselves are for a GPU; tests/test_sweeps.py makes small ones
    "data": [],
    "show": [],
    "claims": [],
    "theory": ["--seeds", "1"],
}


@pytest.fixture
def cifar10(tmp_path, monkeypatch, serve):
    """A CIFAR-10 archive of 20 + 10 images on a local address, with its own checksums."""
    rng = np.random.default_rng(0)
    source = tmp_path / "server" / "cifar-10-batches-py"
    source.mkdir(parents=True)

    def batch(name: str, count: int) -> list[str]:
        images = rng.integers(0, 256, (count, 3072), dtype=np.uint8)
        content = {"data": images, "labels": [index % 10 for index in range(count)]}
        (source / name).write_bytes(pickle.dumps(content))
        return [name, _md5(source / name)]

    names = {"label_names": [f"class{index}" for index in range(10)]}
    (source / "batches.meta").write_bytes(pickle.dumps(names))
    monkeypatch.setattr(CIFAR10, "train_list", [batch("data_batch_1", 20)])
    monkeypatch.setattr(CIFAR10, "test_list", [batch("test_batch", 10)])
    meta = {"filename": "batches.meta", "key": "label_names", "md5": _md5(source / "batches.meta")}
    monkeypatch.setattr(CIFAR10, "meta", meta)
    archive = tmp_path / "server" / CIFAR10.filename
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(source, source.name)
    monkeypatch.setattr(CIFAR10, "url", f"{serve(archive.parent)}/{archive.name}")
    monkeypatch.setattr(CIFAR10, "tgz_md5", _md5(archive))


def _md5(path: Path) -> str:
    return torchvision.datasets.utils.calculate_md5(str(path))


def test_the_two_commands_are_what_ci_runs():
    assert COMMANDS[:2] == ["make book", "make test"]
    assert set(COMMANDS[:2]) <= set((ROOT / ".ci/run").read_text(encoding="utf-8").splitlines())


def test_every_other_command_is_run_here():
    assert COMMANDS[2:] == PYTHON
    assert {shlex.split(command)[3] for command in PYTHON} == set(SMALLER)


@pytest.mark.parametrize("command", PYTHON)
def test_command_of_the_readme(command, cifar10, make_folder, tmp_path, monkeypatch, capsys):
    arguments = shlex.split(command)[3:]
    if "cifar10" in arguments and arguments[0] != "data":
        assert main(["data", "cifar10"]) == 0  # the README's line before it
    arguments = [argument.replace("folder:PATH", f"folder:{make_folder()}") for argument in arguments]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(ROOT / "data")
    assert main(arguments + SMALLER[arguments[0]]) == 0
    assert capsys.readouterr().out.strip()
