"""A run may be killed at any moment: what it ends with is what an unstopped run ends with."""

import json
import multiprocessing
import subprocess
import sys
from dataclasses import replace
from functools import cache

import pytest
import torch

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.results.history import load_history
from lrreg_utils.sweeps.runner import history_path, run_all, train_and_keep
from lrreg_utils.training import checkpoint as checkpoints
from lrreg_utils.training.train import train

NOISY = Schedule("large_lr", 0.05, (4,), 0.1, noise=0.3, noise_until=4)
# A process that imports torch once, then forks, kills and forks again until a resumed run is finished
DRIVER = """
import json, os, random, signal, sys, time
from pathlib import Path
from lrreg_utils.experiments.config import Config
from lrreg_utils.results.history import load_history
import torch
from lrreg_utils.sweeps.runner import history_path, train_and_keep
from lrreg_utils.training.train import train
torch.set_num_threads(1)  # threads do not survive a fork
config, folder = Config.from_dict(json.loads(sys.argv[1])), Path(sys.argv[2])
path, kills, done, rng = history_path(config, folder), 0, False, random.Random(0)
train(config, "cpu")  # before the first fork: all that torch imports on first use
begin = time.monotonic()
whole = train(config, "cpu").history.columns
longest = time.monotonic() - begin
while not done:
    child = os.fork()
    if child == 0:
        train_and_keep(config, "cpu", folder)
        os._exit(0)
    time.sleep(rng.uniform(0, longest))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL)
    kills += status != 0
    longest *= 1.02 if status else 0.9  # so that some are killed and some finish
    if path.exists():
        run = load_history(path)
        assert run.columns == whole
        done = kills >= 20 and status == 0 and run.provenance["resumed_after"]
        if not done:  # once more, from the beginning
            path.unlink()
print(kills)
"""


@cache
def whole(config: Config) -> dict:
    """The columns of a run that nobody stops."""
    return train(config, "cpu").history.columns


@pytest.fixture
def longer(tiny):
    return replace(tiny, epochs=6, schedule=NOISY)


def test_killed_twenty_times_gives_the_identical_history(longer, tmp_path):
    command = [sys.executable, "-c", DRIVER, json.dumps(longer.as_dict()), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 20
    killed = load_history(history_path(longer, tmp_path))
    assert killed.provenance["resumed_after"]
    assert killed.columns == whole(longer)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".locks", f"{longer.label}.json"]


@pytest.mark.parametrize("stop", [1, 3, 5])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_stopped_after_an_epoch_gives_the_identical_history(longer, tmp_path, stop, precision):
    config = replace(longer, precision=precision)

    def interrupt(epoch, row):
        if epoch == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_and_keep(config, "cpu", tmp_path, interrupt)
    epochs = []
    continued = train_and_keep(config, "cpu", tmp_path, lambda epoch, row: epochs.append(epoch))
    assert epochs == [1, 2, 3, 4, 5, 6]
    assert continued.provenance["resumed_after"] == [stop]
    assert continued.columns == whole(config)


def test_a_full_disk_loses_nothing_that_was_kept(longer, tmp_path, monkeypatch):
    original = torch.save

    def fill(content, target):
        if len(content["state"]["rows"]) == 3:
            target.write(b"half")
            raise OSError(28, "No space left on device")
        original(content, target)

    monkeypatch.setattr(torch, "save", fill)
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)  # a checkpoint after every epoch
    with pytest.raises(UserError, match=r"cannot be written \(No space left on device\)"):
        train_and_keep(longer, "cpu", tmp_path)
    monkeypatch.undo()
    continued = train_and_keep(longer, "cpu", tmp_path)
    assert continued.provenance["resumed_after"] == [2]
    assert continued.columns == whole(longer)


def test_a_checkpoint_cut_short_is_reported_and_left_alone(longer, tmp_path):
    checkpoint = history_path(longer, tmp_path).with_suffix(".pt")
    train(longer, "cpu", checkpoint=checkpoint)
    half = checkpoint.read_bytes()[:1000]
    checkpoint.write_bytes(half)
    with pytest.raises(UserError, match="damaged, or not a checkpoint"):
        train_and_keep(longer, "cpu", tmp_path)
    assert checkpoint.read_bytes() == half


def test_two_processes_on_one_run_train_it_once(longer, tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=train_and_keep, args=(longer, "cpu", tmp_path)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert load_history(history_path(longer, tmp_path)).columns == whole(longer)


def test_the_other_runs_go_on_after_a_failure(tiny, tmp_path):
    bad = replace(tiny, schedule=Schedule("huge", 1e30))
    with pytest.raises(UserError, match=r"1 of 2 runs failed: .*huge-seed0"):
        run_all([bad, tiny], "cpu", workers=1, folder=tmp_path, progress=False)
    assert history_path(tiny, tmp_path).exists()
