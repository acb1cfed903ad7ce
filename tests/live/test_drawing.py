"""The live picture says what the rows and answers say, in drawing and in words."""

import re
import xml.etree.ElementTree as ET

import pytest

from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.figures.histories import STYLES
from lrreg_utils.live.drawing import HEIGHT, WIDTH, mean_so_far, picture
from lrreg_utils.live.exam import learned, read_answers
from lrreg_utils.live.session import RunSoFar
from lrreg_utils.live.words import duration, table_line


@pytest.fixture
def make_run(make_history):
    """A run so far: test accuracies rise from 0 by 25 an epoch."""

    def make(epochs_done, name="large_lr", seed=0, answers=()):
        config = make_history(Schedule(name, 0.1), seed, epochs=5).config
        run = RunSoFar(config)
        for epoch in range(1, epochs_done + 1):
            values = {"test_clean_accuracy": 25.0 * (epoch - 1), "test_patch_only_accuracy": None}
            run.add({"epoch": epoch, **values}, answers[epoch - 1] if answers else None)
        return run

    return make


def drawings(runs):
    return [ET.fromstring(text) for text in re.findall(r"<svg.*?</svg>", picture(runs))]


def test_a_curve_goes_through_its_values(make_run):
    (curves,) = drawings([make_run(5)])
    (line,) = curves.iterfind(".//{*}path[@class='run']")  # no value, no line: patches have none here
    points = [tuple(map(float, one.split())) for one in line.get("d")[1:].split("L")]
    assert points == [(WIDTH * k / 4, HEIGHT * (1 - k / 4)) for k in range(5)]
    assert line.get("stroke") == STYLES["large_lr"]["color"]


def test_it_grows_and_says_so(make_run):
    nothing, two = (drawings([make_run(count)])[0] for count in (0, 2))
    assert nothing.get("aria-label") == "no epoch is finished yet"
    assert two.get("aria-label") == "large, annealed: after epoch 2, images 25 percent"
    assert not nothing.findall(".//{*}path[@class='run']")


def test_the_mean_is_over_the_seeds_that_have_come_so_far(make_run):
    runs = [make_run(3), make_run(1, seed=1)]
    runs[1].rows[0]["test_clean_accuracy"] = 50.0
    assert mean_so_far(runs, "test_clean_accuracy") == [25, 25, 50]
    (curves,) = drawings(runs)
    assert len(curves.findall(".//{*}path[@class='run']")) == 3  # a thin line for each seed, too


def test_a_dot_fills_when_its_example_is_right_three_epochs_in_a_row(make_run):
    answers = [("110", "000"), ("110", "100"), ("101", "100"), ("101", "100")]
    assert learned(answers[:2]) == ([False] * 3, [False] * 3)
    assert learned(answers) == ([True, False, False], [True, False, False])
    _, dots = drawings([make_run(4, answers=answers)])
    halves = [len(dots.findall(f".//{{*}}path[@class='{kind}']")) for kind in ("image", "patch")]
    assert halves == [1 + 2, 1 + 2]  # two of each in the explanation
    assert "of 3 training examples 1 images and 1 patches are learned" in dots.get("aria-label")


def test_answers_that_are_damaged_are_not_shown(tmp_path):
    path = tmp_path / "answers"
    assert read_answers(path) == []
    for text in ("[[", '{"a": 1}', '[["01", "0"]]', '[["01", "02"]]', "[1]", "[[]]", '[["01", "01", "01"]]'):
        path.write_text(text)
        assert read_answers(path) == []
    path.write_text('[["01", "11"]]')
    assert read_answers(path) == [("01", "11")]


def test_times_are_said_in_the_unit_that_fits():
    assert [duration(seconds) for seconds in (None, 0.2, 59, 100, 7200)] == [
        "…", "1 s", "59 s", "2 min", "2.0 h"]


def test_a_line_of_the_table(make_run):
    assert table_line(make_run(4), 100.0).split() == ["large,", "annealed", "0", "4/5", "75.0", "2", "min"]
