"""The share of a gap that noise gives back, and the figures of noise levels and kinds."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import History, Schedule, recovered
from lrreg_utils.errors import UserError
from lrreg_utils.figures import noise as noise_plots
from lrreg_utils.figures.noise import Panel, draw_batches, draw_kinds, draw_levels
from lrreg_utils.results.measures import after, by_seed


def test_the_share_of_a_gap_is_0_at_the_small_rate_and_1_at_the_large_one():
    shares = recovered([50, 80, 65, 40], [50] * 4, [80] * 4)
    assert shares == pytest.approx([0, 1, 0.5, -1 / 3])


def test_a_share_needs_a_gap_and_as_many_seeds():
    with pytest.raises(UserError, match="equal in a seed"):
        recovered([1, 2], [3, 4], [5, 4])
    with pytest.raises(UserError, match="a number for every seed"):
        recovered([1, 2], [3, 4], [5])


def test_measures_are_sorted_by_seed_and_read_the_right_epoch(make_history):
    runs = [make_history(seed=seed, test_clean_accuracy=[seed, 10 + seed, 20 + seed, 30 + seed])
            for seed in (2, 0, 1)]
    assert by_seed(runs, after("test_clean_accuracy", -1)) == [30, 31, 32]
    assert by_seed(runs, after("test_clean_accuracy", 2)) == [10, 11, 12]


@pytest.fixture
def noisy(make_history):
    def run(kind, level, seed):
        schedule = Schedule("small_lr_noise", 0.1, noise=level, noise_until=3, noise_kind=kind)
        return make_history(schedule, seed, test_clean_accuracy=[0, 0, 0, 100 * level + seed])

    levels = {"activation": (0.4, 0.2), "batch": (4.0, 2.0)}
    return [run(kind, level, seed) for kind in levels for level in levels[kind] for seed in (0, 1, 2)]


PANEL = Panel("end", "accuracy", {"clean": after("test_clean_accuracy", -1)}, chance=10)


def heights(ax):
    """Mean, lowest and highest of every error bar drawn."""
    found = {}
    for bar in ax.containers:
        points, _, (segments,) = bar.lines
        ends = [(segment[0, 1], segment[1, 1]) for segment in segments.get_segments()]
        found[bar.get_label()] = (list(points.get_xdata()), list(points.get_ydata()), ends)
    return found


def test_levels_are_sorted_and_evenly_spaced_with_their_range(noisy, make_history):
    reference = [make_history(seed=seed, test_clean_accuracy=[0, 0, 0, 50 + seed]) for seed in (0, 1, 2)]
    fig = draw_levels(noisy[:6], [PANEL], {"large_lr": reference})
    places, means, ends = heights(fig.axes[0])["clean"]
    assert places == [0, 1]
    assert means == pytest.approx([21, 41])
    assert np.array(ends) == pytest.approx(np.array([[20, 22], [40, 42]]))
    assert [text.get_text() for text in fig.axes[-1].get_xticklabels()] == ["0.2", "0.4"]
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    assert list(lines["large, annealed"].get_ydata()) == [51, 51]


def test_kinds_stand_side_by_side_in_the_order_of_the_legend(noisy):
    fig = draw_kinds(noisy, [PANEL], {})
    drawn = heights(fig.axes[0])
    assert list(drawn) == ["activation noise", "small batches"]
    assert drawn["small batches"][0] == [2, 3]
    assert drawn["small batches"][1] == pytest.approx([201, 401])
    assert [text.get_text() for text in fig.axes[-1].get_xticklabels()] == ["0.2", "0.4", "2", "4"]


def test_batch_sizes_are_told_apart_against_the_epoch(make_history):
    def run(size, seed):
        history = make_history(seed=seed, test_clean_loss=[size + seed] * 4)
        return History(replace(history.config, batch_size=size), history.columns, history.provenance)

    runs = [run(size, seed) for size in (64, 16) for seed in (0, 2)]
    fig = draw_batches(runs, [make_history(seed=seed) for seed in (0, 2)], ["test_clean_loss"])
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    assert list(lines["large, batches of 64"].get_ydata()) == [65] * 4
    assert list(lines["large, batches of 16"].get_ydata()) == [17] * 4
    assert list(lines["small"].get_ydata()) == [1, 2, 3, 4]
    assert lines["large, batches of 64"].get_color() != lines["large, batches of 16"].get_color()


def test_every_kind_of_noise_has_a_colour_and_a_marker_of_its_own():
    from lrreg_utils.experiments.schedule import NOISE_KINDS

    assert set(noise_plots.KINDS) == set(NOISE_KINDS)
    for position in (1, 2):
        assert len({entry[position] for entry in noise_plots.KINDS.values()}) == len(NOISE_KINDS)
