"""Sweeps that end in one file: nothing is trained twice, nothing is lost, whatever ends a process."""

import subprocess
import sys
import time

import pytest
from waiting import command

from lrreg_utils.cli.main import main
from lrreg_utils.errors import UserError
from lrreg_utils.results.history import earlier_labels
from lrreg_utils.results.recording import load_histories, load_recording
from lrreg_utils.sweeps import packing
from lrreg_utils.sweeps.packing import pack, working_folder
from lrreg_utils.sweeps.runner import alone, history_path, kept_history, run_all
from lrreg_utils.training import train as training

TOML = """experiment = "digits"
schedules = ["large_lr"]
seeds = [{seeds}]
set = {{epochs = 2, train_size = 100, batch_size = 20, image_size = 8, patch_size = 3}}
"""


@pytest.fixture
def sweep(tmp_path, monkeypatch, capsys):
    """Runs the command for some seeds; gives its status and what it has trained."""
    monkeypatch.chdir(tmp_path)
    trained, original = [], training.train
    monkeypatch.setattr(training, "train", lambda config, *args, **kw: (
        trained.append(config.seed) or original(config, *args, **kw)))

    def run(*seeds, out="some.jsonl", more=()):
        trained.clear()
        (tmp_path / "some.toml").write_text(TOML.format(seeds=", ".join(map(str, seeds))))
        status = main(["sweep", "some.toml", "--out", str(out), "--workers", "1", *more])
        return status, list(trained)

    return run


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "cache")


def test_a_finished_sweep_is_one_file_and_is_not_made_again(sweep, tmp_path, capsys):
    assert sweep(0, 1) == (0, [0, 1])
    assert capsys.readouterr().out == "2 histories in some.jsonl\n"
    assert names(tmp_path) == ["some.jsonl", "some.toml"]
    found, before = load_recording(tmp_path / "some.jsonl"), (tmp_path / "some.jsonl").stat().st_ino
    assert (found.sweep, found.command) == ("some", "python -m lrreg_utils sweep some.toml --out some.jsonl")
    assert [run.config.seed for run in found.runs] == [0, 1]
    assert sweep(1, 0) == (0, []) and (tmp_path / "some.jsonl").stat().st_ino == before
    assert names(tmp_path) == ["some.jsonl", "some.toml"]
    assert main(["show", "some.jsonl", "--out", "x.png"]) == 0


def test_a_file_that_lacks_runs_is_completed_and_keeps_those_of_other_sweeps(sweep, tmp_path):
    assert sweep(0) == (0, [0])
    (first,) = load_histories(tmp_path / "some.jsonl")
    assert sweep(2, 1) == (0, [2, 1])
    found = load_histories(tmp_path / "some.jsonl")
    assert [run.config.seed for run in found] == [0, 1, 2] and found[0] == first


def test_no_machines_folder_is_recorded(sweep, tmp_path):
    assert sweep(0, out=tmp_path / "below" / "some.jsonl") == (0, [0])
    assert str(tmp_path) not in (tmp_path / "below" / "some.jsonl").read_text()


def test_out_of_time_keeps_the_folder_and_the_next_call_packs(sweep, tmp_path):
    assert sweep(0, 1, more=["--minutes", "1e-9"])[0] == 3
    assert names(tmp_path) == ["some.runs", "some.toml"]
    assert sweep(0, 1)[0] == 0 and names(tmp_path) == ["some.jsonl", "some.toml"]


def test_a_failed_run_leaves_the_others_in_the_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some.toml").write_text(TOML.format(seeds=0) + 'grid."schedule.initial_lr" = [0.05, 1e30]')
    assert main(["sweep", "some.toml", "--out", "some.jsonl", "--workers", "1"]) == 2
    assert "1 of 2 runs failed" in capsys.readouterr().err
    assert names(tmp_path) == ["some.runs", "some.toml"] and len(load_histories(tmp_path / "some.runs")) == 1


def test_a_damaged_file_is_reported_and_left_alone(sweep, tmp_path, capsys):
    (tmp_path / "some.jsonl").write_text("{}")
    assert sweep(0) == (2, [])
    assert "some.jsonl, line 1, is JSON, but not a recording" in capsys.readouterr().err
    assert (tmp_path / "some.jsonl").read_text() == "{}" and names(tmp_path) == ["some.jsonl", "some.toml"]


def test_several_sweeps_do_not_go_into_one_file(tmp_path, capsys):
    assert main(["sweep", "a.toml", "b.toml", "--out", str(tmp_path / "x.jsonl")]) == 2
    assert "out: " in capsys.readouterr().err


def test_a_disk_that_fills_while_packing_loses_nothing(sweep, tmp_path, monkeypatch, capsys):
    def full(*arguments):
        raise UserError("output: some.jsonl cannot be written (No space left on device)")

    with monkeypatch.context() as disk:
        disk.setattr(packing, "write_recording", full)
        assert sweep(0, 1) == (2, [0, 1])
    assert len(load_histories(tmp_path / "some.runs")) == 2
    with monkeypatch.context() as disk:  # a disk that forgets
        disk.setattr(packing, "write_recording", lambda path, *rest: path.write_bytes(b""))
        assert sweep(0, 1) == (2, [])
    assert len(load_histories(tmp_path / "some.runs")) == 2
    (tmp_path / "some.jsonl").unlink()
    assert sweep(0, 1) == (0, []) and names(tmp_path) == ["some.jsonl", "some.toml"]


def test_what_is_read_back_otherwise_is_reported(make_history, tmp_path, monkeypatch):
    run, other = make_history(seed=1), make_history(seed=2)
    original = packing.write_recording
    monkeypatch.setattr(packing, "write_recording", lambda *rest: original(*rest[:3], [other]))
    working_folder(tmp_path / "some.jsonl").mkdir()
    with pytest.raises(UserError, match=r"does not hold what was written; the runs are in .*some\.runs"):
        pack(tmp_path / "some.jsonl", "some", "", [run])
    assert (tmp_path / "some.runs").is_dir()


def test_what_else_lies_in_the_folder_is_packed_or_left(make_history, tmp_path):
    folder = working_folder(tmp_path / "some.jsonl")
    folder.mkdir()
    make_history(seed=1).save(folder / "of-a-seed-that-was-taken-out.json")
    (folder / "begun.pt").write_bytes(b"the checkpoint of another run")
    (tmp_path / ".some.jsonl.1234").write_bytes(b"left by a process that was killed while it wrote")
    pack(tmp_path / "some.jsonl", "some", "", [make_history(seed=2)])
    assert [run.config.seed for run in load_histories(tmp_path / "some.jsonl")] == [1, 2]
    assert names(folder) == [".locks", "begun.pt"]
    assert names(tmp_path) == ["some.jsonl", "some.runs"]


def test_packed_runs_of_other_images_are_not_taken(make_folder, tmp_path, capsys):
    text = TOML.format(seeds=0).replace("train_size = 100, batch_size = 20", "batch_size = 5")
    (tmp_path / "some.toml").write_text(text)
    one, other = (make_folder(f"{name}/pets", train=count) for name, count in (("a", 10), ("b", 11)))
    for data, status in ((one, 0), (one, 0), (other, 2)):
        assert main(["sweep", str(tmp_path / "some.toml"), "--data", f"folder:{data}",
                     "--out", str(tmp_path / "some.jsonl"), "--workers", "1"]) == status
    assert "some.jsonl was made from other images" in capsys.readouterr().err
    assert load_recording(tmp_path / "some.jsonl").command.endswith(
        "sweep some.toml --data folder:pets --out some.jsonl")


@pytest.mark.parametrize("version", [2, 1])
def test_runs_in_a_folder_of_an_earlier_form_are_finished(tiny, tmp_path, monkeypatch, version):
    """Their file names have ids of that form."""
    (run,) = run_all([tiny], "cpu", workers=1, folder=tmp_path, progress=False)
    path = history_path(tiny, tmp_path)
    label = earlier_labels(tiny)[2 - version]
    path.rename(tmp_path / f"{label}.json")
    monkeypatch.setattr(training, "train", lambda *args, **kw: pytest.fail("trained"))
    assert run_all([tiny], "cpu", workers=1, folder=tmp_path) == [run]


@pytest.mark.parametrize("more", [["--workers", "1"], ["--cluster", "local"]], ids=["process", "cluster"])
def test_killed_when_one_run_is_finished_it_ends_in_the_same_file(tmp_path, more):
    (tmp_path / "some.toml").write_text(TOML.format(seeds="0, 1"))
    arguments = ["sweep", "some.toml", "--out", "some.jsonl", *more]
    with command(*arguments, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(tmp_path.glob("some.runs/*.json")):
            time.sleep(0.02)
    again = [sys.executable, "-m", "lrreg_utils", *arguments]
    done = subprocess.run(again, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert names(tmp_path) == ["some.jsonl", "some.toml"]
    found = load_histories(tmp_path / "some.jsonl")
    assert [run.config.seed for run in found] == [0, 1]
    again = run_all([run.config for run in found], "cpu", workers=1, keep=False, progress=False)
    assert [run.columns for run in found] == [run.columns for run in again]


def test_two_commands_at_once_make_one_file(tmp_path):
    for name, seeds in (("some", "0, 1"), ("other", "1, 2")):
        (tmp_path / f"{name}.toml").write_text(TOML.format(seeds=seeds))
    command = [sys.executable, "-m", "lrreg_utils", "sweep", "--out", "some.jsonl", "--workers", "1"]
    processes = [subprocess.Popen([*command, f"{name}.toml"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
                 for name in ("some", "other")]
    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    assert [run.config.seed for run in load_histories(tmp_path / "some.jsonl")] == [0, 1, 2]
    assert not (tmp_path / "some.runs").exists()


def test_a_run_is_found_in_the_recording_beside_its_working_folder_alone(make_history, tmp_path):
    run, other = make_history(seed=1), make_history(seed=2)
    pack(tmp_path / "some.jsonl", "some", "", [run])
    assert kept_history(run.config, tmp_path / "some.runs") == run
    assert kept_history(run.config, tmp_path / "other.runs") is None
    assert kept_history(other.config, tmp_path / "some.runs") is None


def test_a_folder_that_another_sweep_works_in_is_left(make_history, tmp_path):
    run, other = make_history(seed=1), make_history(seed=2)
    folder = working_folder(tmp_path / "some.jsonl")
    with alone(other.config, folder):
        pack(tmp_path / "some.jsonl", "some", "", [run])
        assert folder.is_dir()
    pack(tmp_path / "some.jsonl", "other", "", [other])
    assert not folder.exists()
