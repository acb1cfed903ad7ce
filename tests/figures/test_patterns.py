"""Steps and ends of runs on one kind of pattern, and what the figures draw of them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import History, Schedule
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import parse_shares
from lrreg_utils.figures import patterns as pattern_plots
from lrreg_utils.figures.style import PATTERNS
from lrreg_utils.results import measures, select


@pytest.fixture
def make(make_history):
    """A run of four epochs on one kind; its training accuracy is 20, 40, 60, 80 plus the seed."""

    def run(kind="images", schedule="small_lr", seed=0, **fields) -> History:
        group = {"images": "clean", "patches": "patch_only"}[kind]
        train = [20.0 * epoch + seed for epoch in range(1, 5)]
        columns = {f"train_{group}_accuracy": train, f"test_{group}_accuracy": [0, 0, 0, 50.0 + seed],
                   f"test_{group}_loss": [9, 9, 9, 1.0 + seed]}
        history = make_history(Schedule(schedule, 0.1), seed, **columns)
        shares = parse_shares({"images": "100/0/0", "patches": "0/100/0"}[kind])
        config = replace(history.config, shares=shares, **fields)
        return History(config, history.columns, history.provenance)

    return run


@pytest.fixture
def runs(make):
    return [make(kind, schedule, seed, train_size=size)
            for seed in (1, 0, 2) for size in (40, 100) for schedule in ("small_lr", "large_lr_constant")
            for kind in ("images", "patches")]


def test_kind(make, make_history):
    assert [select.kind_of(make(kind)) for kind in ("images", "patches")] == ["images", "patches"]
    with pytest.raises(UserError, match="not trained on images alone or patches alone"):
        select.kind_of(make_history())


def test_steps_count_batches_and_passes(make):
    run = make(train_size=50, batch_size=20, passes=4)  # three batches a pass, the last one of 10
    assert measures.steps(run).tolist() == [12, 24, 36, 48]
    with pytest.raises(UserError, match="has no train_size"):
        measures.steps(make(train_size=None))


def test_steps_to_a_level_are_those_of_the_first_epoch_there(make):
    run = make("patches", train_size=100, batch_size=20)
    assert measures.steps_to(run, 60) == 15
    assert measures.steps_to(run, 60.5) == 20
    assert math.isnan(measures.steps_to(run, 90))


def test_fitting_curves_draw_the_mean_against_steps(runs):
    chosen = [run for run in runs if run.config.train_size == 100]
    (ax,) = pattern_plots.fitting(chosen, "small_lr", until=15).axes
    assert ax.get_title("left") == "At the small rate"
    image, patch = ax.lines[:2]
    assert image.get_xdata().tolist() == patch.get_xdata().tolist() == [5, 10, 15]
    assert image.get_ydata().tolist() == [21, 41, 61]
    assert [line.get_color() for line in (image, patch)] == list(PATTERNS.values())
    assert {"image", "patch", "80 %", "chance"} == {text.get_text() for text in ax.texts}


def test_fixed_examples_are_told_apart_by_kind_and_rule():
    measured = {name: np.arange(12.0).reshape(2, 2, 3) for name in ("images, linear", "patches, ReLU layer")}
    (accuracy,), (loss,) = (pattern_plots.fixed_examples([10, 20], measured, unit).axes
                            for unit in ("accuracy", "loss"))
    assert [line.get_linestyle() for line in accuracy.lines[:2]] == [":", "-"]
    assert [line.get_label() for line in accuracy.lines[:2]] == ["image, linear", "patch"]
    assert accuracy.lines[0].get_ydata().tolist() == [1, 4]
    assert loss.lines[0].get_ydata().tolist() == [7, 10]


def test_a_patch_is_taken_apart():
    z, v = np.full((2, 2), 1.0), np.full((2, 2), 0.5)
    figure = pattern_plots.anatomy(np.zeros((8, 8)), z, v)
    shown = {ax.get_xlabel(): ax.images[0].get_array() for ax in figure.axes}
    assert [shown[name].max() for name in pattern_plots.PARTS] == [1.5, 0.5, 1, 0.5]
    assert shown["image with its patch"].shape == (8, 8)
    assert figure.photographs


def test_regions_cross_out_what_is_wrong():
    (ax,) = pattern_plots.regions(lambda x: x[:, 1] < -0.5, "below").axes
    (wrong,) = (line for line in ax.lines if line.get_marker() == "x")
    assert wrong.get_xydata().tolist() == [[0, 1]]
    picture = ax.images[0].get_array()
    assert (picture[0, 80], picture[-1, 80]) == (1, 0)
    assert ax.get_title("left") == "below: 3 of 4"
