"""Where recorded results came from: counted by hand on small ones, complete on the shipped ones."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from lrreg_utils.book import origins as claims
from lrreg_utils.book.origins import (
    Origin,
    duration,
    missing_facts,
    origin_of,
    recorded_runs,
    recorded_studies,
    recordings_table,
    seeds_text,
    unrecorded_sweeps,
)
from lrreg_utils.experiments.sweep import load_sweep
from lrreg_utils.results.recording import recording, recordings

ROOT = Path(__file__).parents[2]
WHOLE = {
    "data": "digits", "data_sha256": "0" * 64, "device": "a processor", "threads": 1, "seconds": 61.0,
    "date": "2026-01-02", "versions": {"python": "3.11", "torch": "2", "lrreg_utils": "0.1.0"},
    "commit": "0123456789",
}
RUN = Origin("digits-fresh", "make it", 4, (0, 1, 2), ("a processor",), ("2026-01-02",), ("0123456",),
             ("python 3.11",), 240.0, ())
STUDY = replace(RUN, name="theory/one", count=1, seconds=4000.0)


def test_a_whole_provenance_lacks_nothing():
    assert missing_facts(WHOLE) == ()
    study = {name: value for name, value in WHOLE.items() if not name.startswith("data")}
    assert missing_facts(study) == ("data_sha256",) and missing_facts(study, of_a_run=False) == ()


@pytest.mark.parametrize(("fact", "value"), [
    ("commit", "0123456789-dirty"), ("commit", None), ("data_sha256", "abc"), ("device", " "), ("seconds", 0),
    ("date", "yesterday"), ("versions", {"python": "3.11"}), ("versions", None),
])
def test_a_fact_that_says_nothing_is_missing(fact, value):
    assert missing_facts(WHOLE | {fact: value}) == (fact,)
    assert missing_facts({name: one for name, one in WHOLE.items() if name != fact}) == (fact,)


def test_runs_are_added_up(make_history):
    runs = [make_history(seed=seed) for seed in (2, 0, 1)]
    for run, commit in zip(runs, ("aaaaaaaaaa", "bbbbbbbbbb", "aaaaaaaaaa"), strict=True):
        run.provenance.update(WHOLE | {"commit": commit})
    facts = [run.provenance for run in runs]
    found = origin_of("some-name", "python -m something", [2, 0, 1], facts)
    assert found == Origin(
        "some-name", "python -m something",
        3, (0, 1, 2), ("a processor",), ("2026-01-02",), ("aaaaaaaaaa", "bbbbbbbbbb"),
        ("python 3.11, torch 2, lrreg_utils 0.1.0",), 183.0, (),
    )
    table = recordings_table([found])
    assert table.head == ("name", "runs", "time", "device")
    assert table.rows == [("some-name", "3, seeds 0 to 2", "3 min", "a processor")]
    assert "aaaaaaaaaa, bbbbbbbbbb" in str(recordings_table([found], made=True))
    runs[0].provenance["commit"] = "aaaaaaaaaa-dirty"
    assert origin_of("some-name", "", [2, 0, 1], facts).missing == ("commit",)


@pytest.mark.parametrize(("seconds", "text"), [
    (45.2, "45 s"), (119, "119 s"), (120, "2 min"), (3540, "59 min"), (3900, "1 h 05 min"),
    (7200, "2 h 00 min"),
])
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("seeds", "text"), [
    ((0, 1, 2), "0 to 2"), ((3, 4, 5, 6), "3 to 6"), ((0, 2, 3), "0, 2, 3"), ((0, 1), "0, 1"), ((7,), "7"),
])
def test_seeds(seeds, text):
    assert seeds_text(seeds) == text


def test_every_recording_is_there_and_complete():
    found = {one.name: one for one in recorded_runs()}
    assert set(found) == {path.stem for path in (ROOT / "data" / "recordings").iterdir()}
    assert {name: one.missing for name, one in found.items() if one.missing} == {}
    for name, one in found.items():
        lines = (ROOT / "data" / "recordings" / f"{name}.jsonl").read_text().splitlines()
        assert one.count == len(lines) - 1


@pytest.mark.parametrize("name", [one.name for one in recorded_runs()])
def test_the_command_names_the_sweep_that_says_these_runs(name):
    found = recording(name)
    words = r"python -m lrreg_utils sweep (\S+)(?: --data (\S+))? --out data/recordings/(\S+)\.jsonl"
    path, data, out = re.fullmatch(words, found.command).groups()
    assert out == found.sweep == name
    assert {config.id for config in load_sweep(ROOT / path, data)} == {run.config.id for run in found.runs}


def test_every_study_is_there_and_complete():
    found = {one.name: one for one in recorded_studies()}
    files = {path.stem for path in (ROOT / "data" / "studies").iterdir()}
    assert set(found) == files - {"toy-reference"}  # a setting, not a result
    assert not [one for one in found.values() if one.missing or not one.command or not one.seconds]


def test_sweeps_without_runs():
    assert set(unrecorded_sweeps()).isdisjoint(recordings())
    assert set(unrecorded_sweeps()) < {path.stem for path in (ROOT / "data" / "sweeps").glob("*.toml")}


def test_a_whole_origin_meets_every_condition():
    assert [one.verdict for one in claims.evidence([RUN], [STUDY])] == ["holds"] * 5


@pytest.mark.parametrize(("run", "failing"), [
    (replace(RUN, missing=("commit",)), [0]), (replace(RUN, name="without-settings"), [1]),
    (replace(RUN, seeds=(0, 1)), [2]), (replace(RUN, seeds=(1, 2, 100)), [4]),
])
def test_what_a_recording_lacks_fails_one_line(run, failing):
    found = claims.evidence([RUN, run], [STUDY])
    assert [index for index, one in enumerate(found) if one.verdict == "holds in part"] == failing


def test_a_study_needs_its_command():
    assert claims.evidence([RUN], [replace(STUDY, command="")])[3].verdict == "not reproduced"


def test_runs_and_times_are_added_up():
    found = claims.totals([RUN, replace(RUN, devices=("another",))], [STUDY])
    assert found | {"missing_sweeps": ""} == {
        "recorded_runs": "8", "recorded_folders": "2", "recorded_time": "8 min", "study_count": "1",
        "study_time": "1 h 07 min", "devices": "a processor and another",
        "missing_sweeps": ""}


def test_commands_and_times_of_each():
    slow = replace(RUN, name="slow", seconds=2400.0)
    assert claims.commands([RUN]) == "digits-fresh\n    make it"
    assert claims.time_table([RUN, slow]).rows == [("slow", "10 min"), ("digits-fresh", "60 s")]
