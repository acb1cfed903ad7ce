"""Runs without a folder: what was finished before an interruption is not trained again."""

import os
from dataclasses import replace

import pytest

from lrreg_utils import files
from lrreg_utils.sweeps import runner as runs
from lrreg_utils.sweeps.runner import run_all
from lrreg_utils.sweeps.store import run_cache
from lrreg_utils.training import train as training


@pytest.fixture
def configs(tiny):
    return [replace(tiny, seed=seed) for seed in range(3)]


@pytest.fixture
def trained(monkeypatch):
    """Every config that is trained, in order."""
    seen, original = [], training.train

    def train(config, *arguments, **keywords):
        seen.append(config)
        return original(config, *arguments, **keywords)

    monkeypatch.setattr(training, "train", train)
    return seen


def test_an_interrupted_call_goes_on_with_the_next_one(configs, trained, capsys):
    def interrupt(config, finished, total):
        if finished == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all(configs, "cpu", workers=1, progress=False, on_run=interrupt)
    histories = run_all(configs, "cpu", workers=1, progress=False)
    assert trained == configs  # each once
    assert "2 finished runs are read from" in capsys.readouterr().err
    run_all(configs[:1], "cpu", workers=1, progress=False)
    said = capsys.readouterr().err
    assert "1 finished run is read from" in said and "keep=False trains it again" in said
    fresh = run_all(configs, "cpu", workers=1, progress=False, keep=False)
    assert trained == configs * 2
    assert [run.columns for run in histories] == [run.columns for run in fresh]


def test_other_code_or_another_machine_has_a_cache_of_its_own(tmp_path, monkeypatch):
    first = run_cache("a processor")
    assert run_cache("a processor") == first != run_cache("a GPU")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "files.py").write_text("# other code")
    monkeypatch.setattr(files, "__file__", str(tmp_path / "package" / "files.py"))
    assert run_cache("a processor") != first


def test_what_nobody_used_for_a_month_is_removed():
    old, recent = run_cache("old"), run_cache("recent")
    (old / "history.json").write_text("{}")
    os.utime(old, (0, 0))
    run_cache("now")
    assert not old.exists() and recent.exists()


def test_a_cache_that_cannot_be_written_costs_nothing_else(configs, trained, monkeypatch):
    monkeypatch.setenv("LRREG_CACHE", "/proc/nowhere")
    assert run_cache("a processor") is None
    assert len(run_all(configs[:1], "cpu", workers=1, progress=False)) == 1


def test_two_folders_of_pictures_of_one_name_share_nothing(tiny, make_folder, trained):
    one, other = (replace(tiny, data=f"folder:{make_folder(f'{name}/pets', train=count)}", batch_size=8)
                  for name, count in (("a", 10), ("b", 11)))
    assert one.id == other.id
    for config in (one, other, one):
        run_all([config], "cpu", workers=1, progress=False)
    assert trained == [one, other]


def test_minutes_need_a_place_to_go_on_from(configs):
    with pytest.raises(runs.UserError, match="a folder is needed"):
        run_all(configs, "cpu", minutes=1, keep=False)
