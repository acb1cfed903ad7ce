import errno
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from waiting import command, is_gone, wait_for

from lrreg_utils.errors import OutOfTime, UserError
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.results.history import load_history
from lrreg_utils.sweeps.runner import _train_part, history_path, report, run_all
from lrreg_utils.training import train as training


@pytest.fixture
def configs(tiny):
    return [replace(tiny, seed=seed) for seed in (2, 0, 1)]


def test_side_by_side_gives_what_one_by_one_gives_in_order(configs, tmp_path):
    one = run_all(configs, "cpu", workers=1, progress=False)
    two = run_all(configs, "cpu", workers=2, folder=tmp_path, progress=False)
    assert [run.config for run in two] == configs
    assert [run.columns for run in one] == [run.columns for run in two]
    assert len(list(tmp_path.glob("*.json"))) == 3
    for run in two:
        assert load_history(history_path(run.config, tmp_path)) == run


def test_finished_runs_are_not_trained_again(configs, tmp_path, monkeypatch):
    first = run_all(configs[:2], "cpu", workers=1, folder=tmp_path)
    trained = []
    original = training.train
    monkeypatch.setattr(
        training, "train", lambda config, *args, **kw: trained.append(config) or original(config, *args, **kw)
    )
    again = run_all(configs, "cpu", workers=1, folder=tmp_path)
    assert trained == configs[2:]
    assert again[:2] == first


def test_a_config_given_twice_is_trained_once(configs, monkeypatch):
    runs = run_all([configs[0], configs[0]], "cpu", workers=1)
    assert runs[0] is runs[1]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_diverges_is_named_and_finished_ones_are_kept(configs, tmp_path, workers):
    bad = replace(configs[0], schedule=Schedule("huge", 1e30))
    with pytest.raises(UserError, match=r"huge-seed2-.*diverged"):
        run_all([configs[1], bad], "cpu", workers=workers, folder=tmp_path, progress=False)
    assert {file.name for file in tmp_path.glob("*.json")} == {history_path(configs[1], tmp_path).name}
    if workers == 1:
        assert history_path(configs[1], tmp_path).exists()


@pytest.mark.parametrize(("device", "raised"), [("cuda", UserError), ("cpu", RuntimeError)])
def test_a_gpu_that_is_lost_is_one_line(configs, tmp_path, monkeypatch, device, raised):
    def lost(*arguments, **options):
        raise RuntimeError("CUDA error: unspecified launch failure\nCUDA kernel errors might be ...")

    monkeypatch.setattr(training, "train", lost)
    with pytest.raises(raised) as caught:
        _train_part(configs[:1], lambda: None, device, tmp_path, end=None)
    assert device == "cpu" or str(caught.value) == (
        "training: a run ended (RuntimeError: CUDA error: unspecified launch failure); what was kept is kept"
        ", and goes on in a notebook or program started anew")


def test_what_ends_many_runs_is_said_once(tiny):
    runs = [replace(tiny, seed=seed) for seed in range(6)]
    full = {run: UserError(f"output: /drive/{run.label}.pt cannot be written (no room)") for run in runs}
    with pytest.raises(UserError) as caught:
        report({**full, replace(tiny, seed=7): UserError("a line\nthe GPU is gone")}, 9)
    first, *others = [run.label for run in runs]
    assert str(caught.value) == (
        f"7 of 9 runs failed: output: /drive/{first}.pt cannot be written (no room) (likewise "
        f"{', '.join(others[:3])} and 2 more); {replace(tiny, seed=7).label}: the GPU is gone")


def test_a_full_disk_is_one_line_and_with_room_it_goes_on(configs, tmp_path, monkeypatch):
    def full(content, target):
        target.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(torch, "save", full)
        with pytest.raises(UserError) as caught:
            run_all(configs, "cpu", workers=1, folder=tmp_path, progress=False)
    assert "\n" not in str(caught.value)
    assert "cannot be written (No space left on device); make room there and start again" in str(caught.value)
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []
    assert len(run_all(configs, "cpu", workers=1, folder=tmp_path, progress=False)) == len(configs)


def test_bad_data_ends_it_before_any_training(configs, monkeypatch):
    monkeypatch.setattr(training, "train", lambda *args, **kw: pytest.fail("trained"))
    with pytest.raises(UserError, match="does not exist"):
        run_all([configs[0], replace(configs[0], data="folder:/none")], "cpu", workers=1)


def test_a_damaged_history_is_reported_not_overwritten(configs, tmp_path):
    file = history_path(configs[0], tmp_path)
    file.write_text("{")
    with pytest.raises(UserError, match="cut off"):
        run_all(configs[:1], "cpu", workers=1, folder=tmp_path)
    assert file.read_text() == "{"


def test_a_history_of_other_images_is_not_taken_for_a_run(tiny, make_folder, tmp_path):
    one, other = (replace(tiny, data=f"folder:{make_folder(f'{name}/pets', train=count)}", batch_size=8)
                  for name, count in (("a", 10), ("b", 11)))
    assert one.id == other.id
    (first,) = run_all([one], "cpu", workers=1, folder=tmp_path / "runs", progress=False)
    (again,) = run_all([one], "cpu", workers=1, folder=tmp_path / "runs")
    assert again.columns == first.columns
    with pytest.raises(UserError, match=rf"^output: .*{one.label}\.json was made from other images; choose"):
        run_all([other], "cpu", workers=1, folder=tmp_path / "runs")


def test_out_of_time_every_call_gets_further_and_the_end_is_the_same(configs, tmp_path, monkeypatch):
    before = run_all(configs, "cpu", workers=1)
    calls, histories = 0, None
    while histories is None and calls < 10:
        # A call and its first run begin in time, a kept epoch is read in time, a new one ends late
        ticks = iter([0.0, 0.5] + [0.5] * (calls % 2))
        calls += 1
        monkeypatch.setattr("lrreg_utils.sweeps.runner.now", lambda ticks=ticks: next(ticks, 2.0))
        try:
            histories = run_all(configs, "cpu", workers=1, folder=tmp_path, progress=False, minutes=1 / 60)
        except OutOfTime as error:
            assert "of 3 runs finished; start again" in str(error)
    assert calls == 3 * 2  # each run has two epochs
    assert [run.columns for run in histories] == [run.columns for run in before]


def test_out_of_time_side_by_side_loses_nothing(configs, tmp_path):
    with pytest.raises(OutOfTime):
        run_all(configs, "cpu", workers=2, folder=tmp_path, progress=False, minutes=1e-6)
    two = run_all(configs, "cpu", workers=2, folder=tmp_path, progress=False)
    assert [run.columns for run in two] == [run.columns for run in run_all(configs, "cpu", workers=1)]


LONG = ("demo", "--set", "epochs=9999", "--set", "model=small", "--workers", "2", "--seeds", "1", "--out")


@pytest.mark.parametrize(("tell", "sent"), [
    (os.kill, signal.SIGINT), (os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM),
    (os.kill, signal.SIGKILL),
])
def test_a_stopped_command_leaves_no_process_behind(tmp_path, tell, sent):
    """Whether all are told, as by a terminal, or only the parent: workers in long runs end with it."""
    with command(*LONG, str(tmp_path), stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: len(list(tmp_path.glob("*.pt"))) >= 2 or process.poll() is not None,
                 "a first epoch of both workers")
        assert process.poll() is None
        tell(process.pid, sent)
        _, said = process.communicate(timeout=300)
        wait_for(lambda: is_gone(process.pid), "the end of the workers")
    assert "Traceback" not in said
    if sent == signal.SIGINT:
        assert said == "stopped; finished runs and epochs are kept\n"
    assert process.returncode == (130 if sent == signal.SIGINT else -sent)


TESTS = """
import sys
from waiting import command
with command(*sys.argv[1:]) as process:
    print(process.pid, flush=True)
    process.wait()
"""


def test_tests_that_are_killed_leave_no_command_behind(tmp_path):
    paths = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    program = [sys.executable, "-c", TESTS, *LONG, str(tmp_path)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": paths}) as tests:
        group = int(tests.stdout.readline())
        wait_for(lambda: len(list(tmp_path.glob("*.pt"))) >= 2, "a first epoch of both workers")
        tests.kill()
    wait_for(lambda: is_gone(group), "the end of the command and its workers")
