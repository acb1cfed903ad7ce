"""Runs chosen by their settings, and what is drawn of them."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from lrreg_utils import History, Schedule, by_field, where
from lrreg_utils.errors import UserError
from lrreg_utils.figures.style import plot_against
from lrreg_utils.results.select import by_treatment, treatment_of


@pytest.fixture
def runs(make_history):
    def run(rate, strength, seed):
        accuracy = [0, 0, 0, 10 * rate + seed]
        history = make_history(Schedule("large_lr", rate), seed, test_clean_accuracy=accuracy)
        config = replace(history.config, patch_strength=strength)
        return History(config, history.columns, history.provenance)

    return [run(rate, strength, seed) for seed in (1, 0) for rate in (0.4, 0.1) for strength in (1.0, 2.0)]


def last(history):
    return history.at("test_clean_accuracy", -1)


def test_where_keeps_the_runs_with_these_values(runs):
    found = where(runs, schedule="large_lr", schedule__initial_lr=0.1, patch_strength=2.0)
    assert [(run.config.schedule.initial_lr, run.config.patch_strength) for run in found] == [(0.1, 2.0)] * 2
    with pytest.raises(UserError, match="no run has seed = 7"):
        where(runs, seed=7)


def test_a_measure_by_a_field_is_sorted_by_value_and_seed(runs):
    rates, values = by_field(where(runs, patch_strength=1.0), "schedule.initial_lr", last)
    assert rates == [0.1, 0.4]
    assert values == pytest.approx(np.array([[1, 2], [4, 5]]))
    with pytest.raises(UserError, match="not every seed has as many runs"):
        by_field(runs[1:], "seed", last)


def test_a_line_has_the_mean_and_its_band_the_whole_range():
    ax = Figure().subplots()
    plot_against(ax, [1, 2], np.array([[1.0, 3.0], [5.0, 5.0]]), label="a")
    assert ax.lines[0].get_ydata() == pytest.approx([2, 5])
    path = ax.collections[0].get_paths()[0].vertices
    assert (path[:, 1].min(), path[:, 1].max()) == (1, 5)


def test_runs_are_named_by_what_is_done_to_their_lengths(make_history):
    def named(schedule, **changes):
        history = make_history(schedule)
        return treatment_of(replace(history.config, **changes))

    large, short = Schedule("large_lr", 0.1, (3,), 0.1), Schedule("large_lr", 0.1, (2,), 0.1)
    assert named(large) == "large_lr"
    assert named(large, reset_lengths=True) == "large_lr, lengths reset"
    assert named(short, reset_lengths=True) == "large_lr for one epoch, lengths reset"
    assert named(Schedule("small_lr", 0.1), initial_scale=6.0) == "small_lr, weights x 6"
    runs = [make_history(large, seed) for seed in (1, 0)]
    assert [run.config.seed for run in by_treatment(runs)["large_lr"]] == [0, 1]
