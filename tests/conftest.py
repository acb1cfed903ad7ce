"""Fixtures that every test can use. Nothing here, and no test, needs a network or a GPU."""

import hashlib
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import configuration, settings
from PIL import Image
from served import served

from lrreg_utils import Config, History, Schedule
from lrreg_utils.sweeps.workers import usable_cores

pytest.register_assert_rewrite("figures_in_use")  # its assertions are the tests'
os.environ["MPLBACKEND"] = "agg"
# What deterministic products on a GPU need; it counts only before the first product of a process
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # by a shell, of its background
    signal.signal(signal.SIGINT, signal.default_int_handler)
torch.set_num_threads(1)  # small tensors gain nothing from more, and lose much where cores are busy
# The same examples at every run, and no folder of failures in the repository
settings.register_profile("repeatable", deadline=None, max_examples=25, derandomize=True, database=None)
settings.load_profile("repeatable")

ROOT = Path(__file__).parent.parent
# Files of tests that take longest, in the order in which they begin: all processes end at about the same time
FIRST = ("test_in_jupyterlab", "test_session", "test_slurm", "test_runner", "test_cluster", "test_workers",
         "test_benchmarks", "test_resume", "test_console", "test_packing", "test_readme", "test_bad_inputs",
         "test_packaging", "test_pieces")
COLUMNS = (
    "epoch", "lr", "noise_std",
    "train_clean_loss", "train_clean_accuracy", "train_patch_only_loss", "train_patch_only_accuracy",
    "train_both_loss", "train_both_accuracy", "test_clean_loss", "test_clean_accuracy",
    "test_patched_loss", "test_patched_accuracy", "test_patch_only_loss", "test_patch_only_accuracy",
)
TINY = Config(
    Schedule("large_lr", 0.05, (2,), 0.1, noise=0.3, noise_until=2), data="digits", image_size=8,
    train_size=100, model="small", epochs=2, batch_size=20, patch_size=3, patch_strength=1.0,
)


def pytest_collection_modifyitems(items) -> None:
    items.sort(key=lambda item: FIRST.index(item.path.stem) if item.path.stem in FIRST else len(FIRST))


@pytest.hookimpl(optionalhook=True)  # for those who have no xdist
def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: tests of the cluster wait most of their time."""
    return usable_cores() + 1


@pytest.fixture
def serve():
    """Serves a folder on this machine: ``serve(folder)`` gives its address."""
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(served(folder))


@pytest.fixture(scope="session", autouse=True)
def hypothesis_folder(tmp_path_factory):
    configuration.set_hypothesis_home_dir(tmp_path_factory.mktemp("hypothesis"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """No test reads or writes the user's cache."""
    monkeypatch.setenv("LRREG_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def tracked_files() -> list[Path]:
    """Every file of the repository; the test is skipped where there is none, as in a source distribution."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, check=True).stdout
    return [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]


@pytest.fixture(scope="session")
def tiny() -> Config:
    """A run of a tenth of a second."""
    return TINY


@pytest.fixture(scope="session")
def trained():
    """`tiny`, trained once for all tests that only look at the result."""
    from lrreg_utils import train

    return train(TINY, "cpu")


@pytest.fixture
def make_folder(tmp_path) -> Callable[..., Path]:
    """Write a small data set in ImageFolder layout; every class has its own brightness."""

    def make(name="pictures", classes=("cat", "dog"), train=10, test=5, size=(32, 32), mode="RGB") -> Path:
        rng = np.random.default_rng(0)
        for split, count in (("train", train), ("test", test)):
            for label, kind in enumerate(classes):
                folder = tmp_path / name / split / kind
                folder.mkdir(parents=True, exist_ok=True)
                for index in range(count):
                    pixels = rng.integers(60 * label, 60 * label + 120, (size[1], size[0], 3), dtype=np.uint8)
                    Image.fromarray(pixels).convert(mode).save(folder / f"{index}.png")
        return tmp_path / name

    return make


@pytest.fixture
def small_cifar10(tmp_path, monkeypatch, serve) -> Path:
    """An archive of 20 + 10 images in CIFAR-10's layout, served here, with checksums of its own."""
    from torchvision.datasets import CIFAR10

    from lrreg_utils.images import cifar10

    rng = np.random.default_rng(0)
    folder = tmp_path / "server" / CIFAR10.base_folder
    folder.mkdir(parents=True)

    def batch(name: str, count: int) -> list[str]:
        images = rng.integers(0, 256, (count, 3072), dtype=np.uint8)
        return save(name, {"data": images, "labels": [index % 10 for index in range(count)]})

    def save(name: str, content: dict) -> list[str]:
        pickled = pickle.dumps(content)
        (folder / name).write_bytes(pickled)
        return [name, hashlib.md5(pickled).hexdigest()]

    monkeypatch.setattr(CIFAR10, "train_list", [batch("data_batch_1", 20)])
    monkeypatch.setattr(CIFAR10, "test_list", [batch("test_batch", 10)])
    name, md5 = save("batches.meta", {"label_names": [f"class{index}" for index in range(10)]})
    monkeypatch.setattr(CIFAR10, "meta", {"filename": name, "key": "label_names", "md5": md5})
    archive = folder.with_name(cifar10.ARCHIVE.name)
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, folder.name)
    content = archive.read_bytes()
    served = replace(cifar10.ARCHIVE, size=len(content), sha256=hashlib.sha256(content).hexdigest(),
                     sources=(f"{serve(archive.parent)}/{archive.name}",))
    monkeypatch.setattr(cifar10, "ARCHIVE", served)
    return archive


@pytest.fixture
def make_history() -> Callable[..., History]:
    """A history without training: every column rises by 1 each epoch, unless given."""

    def make(schedule: Schedule | None = None, seed=0, epochs=4, **columns) -> History:
        schedule = schedule or Schedule("large_lr", 0.1, (3,), 0.1)
        config = replace(TINY, schedule=schedule, seed=seed, epochs=epochs)
        rising = {name: [float(epoch) for epoch in range(1, epochs + 1)] for name in COLUMNS}
        return History(config, rising | columns, {"data": "digits"})

    return make


@pytest.fixture
def run_python() -> Callable[..., str]:
    """Run code in a fresh process and return what it prints; an error fails the test."""

    def run(code: str, *values, **environment: str) -> str:
        command = [sys.executable, "-W", "error", "-c", code, *(json.dumps(value) for value in values)]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
