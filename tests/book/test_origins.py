"""Origins are counted; one that lacks something fails its line."""

from dataclasses import replace

import pytest

from lrreg_utils.book import origins as claims
from lrreg_utils.results.origins import Origin

RUN = Origin("digits-fresh", "make it", 4, (0, 1, 2), ("a processor",), ("2026-01-02",), ("0123456",),
             ("python 3.11",), 240.0, ())
STUDY = replace(RUN, name="theory/one", count=1, seconds=4000.0)


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
