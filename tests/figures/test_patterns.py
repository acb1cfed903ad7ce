"""Steps and ends of runs on one kind of pattern, and what the figures draw of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from lrreg_utils import History, Schedule
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import parse_shares
from lrreg_utils.figures import patterns as pattern_plots
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
    figure = pattern_plots.plot_fitting(chosen, until=15)
    titles = [ax.get_title("left") for ax in figure.axes]
    assert titles == 2 * ["training, small rate", "training, large rate"]
    images, patches = figure.axes[0].lines[:2]
    assert images.get_xdata().tolist() == patches.get_xdata().tolist() == [5, 10, 15]
    assert images.get_ydata().tolist() == [21, 41, 61]
    assert [image.get_label() for image in (images, patches)] == ["images alone", "patches alone"]


def test_carrying_curves_draw_where_runs_end(runs):
    figure = pattern_plots.plot_generalizing(runs)
    accuracy, loss = figure.axes
    assert sorted(line.get_marker() for line in accuracy.lines) == ["None", "o", "o", "s", "s"]
    assert accuracy.lines[0].get_xdata().tolist() == [40, 100]
    assert accuracy.lines[0].get_ydata().tolist() == [51, 51]
    assert loss.lines[0].get_ydata().tolist() == [2, 2]


def test_dots_are_one_a_seed():
    figure = pattern_plots.plot_rules([{"a": (10 * seed, seed), "b": (55, 2)} for seed in (1, 2, 3)])
    assert figure.axes[0].lines[0].get_xdata().tolist() == [10, 20, 30]
    assert figure.axes[1].lines[1].get_xdata().tolist() == [2, 2, 2]
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["a", "b"]


def test_fixed_examples_are_told_apart_by_kind_and_rule():
    measured = {name: np.arange(12.0).reshape(2, 2, 3) for name in ("images, linear", "patches, ReLU layer")}
    accuracy, loss = pattern_plots.plot_fixed_examples([10, 20], measured).axes
    assert [line.get_linestyle() for line in accuracy.lines[:2]] == [":", "-"]
    assert [line.get_marker() for line in accuracy.lines[:2]] == ["o", "s"]
    assert loss.lines[0].get_ydata().tolist() == [7, 10]


def test_patches_are_pictures_from_black_to_white():
    pixels = torch.tensor([-9.0, -5, 0, 5]).reshape(1, 1, 2, 2)
    picture = pattern_plots.show_patches({"z": pixels}, ["0"]).axes[0].images[0].get_array()
    assert picture.tolist() == [[0, 0], [0.5, 1]]


def test_regions_cross_out_what_is_wrong():
    points, labels = np.array([[1.0, 0], [-1, 0], [0, 1]]), np.array([0, 0, 1])
    figure = pattern_plots.plot_regions({"right of 0": lambda x: (x[:, 0] <= 0).astype(int)}, points, labels)
    (wrong,) = (line for line in figure.axes[0].lines if line.get_label() == "wrong")
    assert wrong.get_xydata().tolist() == [[-1, 0]]
    picture = figure.axes[0].images[0].get_array()
    assert (picture[80, 0], picture[80, -1]) == (1, 0)
