"""Recordings: what is written is read back, and every file that is not whole is named with its line."""

import json
import random
from dataclasses import replace

import pytest

from lrreg_utils import Schedule
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import SHARES
from lrreg_utils.files import data_folder
from lrreg_utils.results.history import History
from lrreg_utils.results.recording import (
    histories_at,
    load_histories,
    load_recording,
    recorded,
    recording,
    recordings,
    write_recording,
)

SMALL = Schedule("small_lr", 0.01)
COMMAND = "python -m lrreg_utils sweep some.toml --out some.jsonl"


@pytest.fixture
def runs(make_history) -> list[History]:
    """Eight runs as a recording orders them: by schedule, then shares and train_size, then seed."""
    found = []
    for schedule, size, shares in (
        (None, None, "talk"), (None, 50, "talk"), (None, 50, "code"), (SMALL, 50, "talk"),
    ):
        for seed in (0, 1):
            run = make_history(schedule, seed, test_clean_loss=[None, seed, 2.5, 1 / 3])
            found.append(replace(run, config=replace(run.config, train_size=size, shares=SHARES[shares])))
    return found


@pytest.fixture
def file(runs, tmp_path):
    mixed = random.Random(0).sample(runs, len(runs))
    write_recording(tmp_path / "some.jsonl", "some", COMMAND, mixed)
    return tmp_path / "some.jsonl"


def test_what_is_written_is_read_back_in_order(file, runs):
    found = load_recording(file)
    assert (found.sweep, found.command) == ("some", COMMAND)
    assert found.runs == runs
    assert load_histories(file) == histories_at(str(file)) == found.runs


def test_what_all_runs_share_stands_once(file):
    header, *lines = map(json.loads, file.read_text().splitlines())
    assert (header["format"], header["version"], header["runs"]) == ("lrreg-recording", 2, 8)
    assert {"model", "epochs", "schedule.noise_kind", "shares.clean"} <= set(header["config"])
    for line in lines:
        assert set(line) == {"config", "provenance", "columns"}
        assert {"schedule.name", "seed", "train_size", "shares.redraw"} <= set(line["config"])
        assert not set(line["config"]) & set(header["config"])


def test_one_run_alone_is_a_recording(runs, tmp_path):
    write_recording(tmp_path / "one.jsonl", "one", COMMAND, runs[:1])
    assert load_recording(tmp_path / "one.jsonl").runs == runs[:1]


def lines_of(file) -> list:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.parametrize(("edit", "words"), [
    (lambda lines: lines.clear(), r"line 1, is not whole JSON"),
    (lambda lines: lines.__setitem__(0, []), "line 1, is JSON, but not a recording written by lrreg_utils"),
    (lambda lines: lines[0].update(format="lrreg-history"), "line 1, is JSON, but not a recording"),
    (lambda lines: lines[0].update(version=3), "line 1, has version 3; .* reads versions up to 2"),
    (lambda lines: lines[0].pop("version"), "line 1, has version None"),
    (lambda lines: lines[0].pop("config"), "line 1, is damaged: config is missing"),
    (lambda lines: lines[0].update(command=3), "line 1, is damaged: command is missing or of the wrong kind"),
    (lambda lines: lines.pop(), "line 1, says 8 runs, but 7 follow: it is cut off"),
    (lambda lines: lines[0].pop("runs"), "line 1, says None runs"),
    (lambda lines: lines.insert(5, lines[4]) or lines.pop(), "line 6, is a run that an earlier line holds"),
    (lambda lines: lines.__setitem__(3, [1]), "line 4, is damaged: it is no run with a config"),
    (lambda lines: lines[2].update(config=3), "line 3, is damaged: it is no run with a config"),
    (lambda lines: lines[2].pop("columns"), "line 3, is damaged: 'columns' is missing"),
    (lambda lines: lines[2]["config"].pop("seed"), "line 3, is damaged: config: .*seed"),
    (lambda lines: lines[2]["config"].update(seed=-1), "line 3, is damaged: seed must be a whole number"),
    (lambda lines: lines[2]["config"].update({"seed.x": 1}), "line 3, is damaged"),
    (lambda lines: lines[2]["config"].update(sise=1), "line 3, is damaged: config: .*sise"),
    (lambda lines: lines[0]["config"].pop("model"), "line 2, is damaged: config: .*model"),
    (lambda lines: lines[8]["columns"]["epoch"].pop(), "line 9, is damaged: its columns do not fit"),
    (lambda lines: lines[8]["columns"].update(lr="1234"), "line 9, is damaged: column 'lr' does not hold"),
    (lambda lines: lines[8]["provenance"].pop("data"), "line 9, is damaged: 'data' is missing"),
])
def test_a_malformed_file_is_named_with_its_line(file, edit, words):
    lines = lines_of(file)
    edit(lines)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(UserError, match=rf"^recording: .*some\.jsonl, {words}") as caught:
        load_recording(file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("part", [0, 0.01, 0.3, 0.7, 0.999])
def test_cut_off(file, part):
    text = file.read_text()
    file.write_text(text[: int(part * (len(text) - 2))])
    with pytest.raises(UserError, match=r"^recording: .*some\.jsonl, line \d+, .*cut off"):
        load_recording(file)


@pytest.mark.parametrize(("old", "new", "words"), [
    ('"seed":', '"seed":0,"seed":', "line 2, is not whole JSON.*'seed' stands twice"),
    ('"lr":[1.0,', '"lr":[NaN,', "line 2, is not whole JSON.*NaN is not a number"),
    ('"lr":[1.0,', '"lr":[1e999,', "line 2, is damaged: column 'lr' does not hold numbers alone"),
])
def test_text_that_is_no_sound_json(file, old, new, words):
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(UserError, match=words):
        load_recording(file)


def test_what_cannot_be_read_or_written(file, tmp_path, runs, monkeypatch):
    with pytest.raises(UserError, match=r"recording: .*none\.jsonl cannot be read"):
        load_histories(tmp_path / "none.jsonl")
    file.write_text("äö", encoding="utf-16")
    with pytest.raises(UserError, match=r"some\.jsonl is not UTF-8"):
        load_histories(tmp_path)
    before = file.read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match=r"some\.jsonl cannot be written \(No space left"):
        write_recording(file, "some", COMMAND, runs)
    assert file.read_bytes() == before and list(tmp_path.iterdir()) == [file]


def test_windows_line_ends_and_a_mark_of_byte_order(file, runs):
    found = load_recording(file).runs
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load_recording(file).runs == found


def test_a_folder_holds_histories_and_recordings_and_each_run_counts_once(file, runs, tmp_path, make_history):
    other = make_history(seed=7)
    other.save(tmp_path / "other.json")
    runs[0].save(tmp_path / "same.json")
    found = load_histories(tmp_path)
    assert found[:2] == [other, runs[0]] and len(found) == 9
    replace(runs[0], columns=other.columns).save(tmp_path / "same.json")
    with pytest.raises(UserError, match=r"same\.json and some\.jsonl are one run with other numbers"):
        load_histories(tmp_path)


@pytest.mark.parametrize("name", recordings())
def test_every_recording_of_the_book_is_in_its_own_form(name, tmp_path):
    """Written again it is the same file, to the byte: sorted, each run once, what is shared stated once."""
    found = recording(name)
    assert found.sweep == name and found.runs == recorded(name)
    write_recording(tmp_path / "again.jsonl", found.sweep, found.command, reversed(found.runs))
    shipped = data_folder("recordings") / f"{name}.jsonl"
    assert (tmp_path / "again.jsonl").read_bytes() == shipped.read_bytes()
    assert all(run.columns["epoch"] == list(range(1, run.config.epochs + 1)) for run in found.runs)


def test_every_sweep_that_needs_no_gpu_is_recorded():
    sweeps = {path.stem for path in data_folder("sweeps").glob("*.toml")}
    assert set(recordings()) == {name for name in sweeps if "wrn" not in name}
