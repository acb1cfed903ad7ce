"""The figures of noise levels, noise kinds and batch sizes."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import History, Schedule
from lrreg_utils.experiments.schedule import NOISE_KINDS
from lrreg_utils.figures import noise as figures
from lrreg_utils.figures.noise import (
    Panel,
    plot_batches,
    plot_delay,
    plot_hiding,
    plot_kinds,
    plot_levels,
    plot_matched,
)
from lrreg_utils.results.measures import after
from lrreg_utils.results.noise import Task


@pytest.fixture
def task(make_history):
    """The small rate ends at 1, the large one at 51, noise at 100 times its level and one more."""
    def run(name, end, seed, **noise):
        schedule = Schedule(name, 0.1, (3,), 0.1, **noise)
        return make_history(schedule, seed, test_clean_accuracy=[0, 0, 0, end + seed])

    seeds, levels = range(3), {"activation": (0.4, 0.2), "batch": (4.0, 2.0)}
    rates = [run(name, end, seed) for name, end in (("large_lr", 50), ("small_lr", 0)) for seed in seeds]
    return Task.of(rates + [
        run("small_lr_noise", 100 * level, seed, noise=level, noise_until=3, noise_kind=kind)
        for kind in levels for level in levels[kind] for seed in seeds])


PANEL = Panel("end", "accuracy", {"clean": after("test_clean_accuracy", -1)}, chance=10)


def heights(ax):
    """Mean, lowest and highest of every error bar drawn."""
    found = {}
    for bar in ax.containers:
        points, _, (segments,) = bar.lines
        ends = [(segment[0, 1], segment[1, 1]) for segment in segments.get_segments()]
        found[bar.get_label()] = (list(points.get_xdata()), list(points.get_ydata()), ends)
    return found


def test_levels_are_sorted_and_evenly_spaced_with_their_range(task):
    fig = plot_levels(task, [PANEL])
    places, means, ends = heights(fig.axes[0])["clean"]
    assert places == [0, 1, 2]
    assert means == pytest.approx([1, 21, 41])
    assert np.array(ends) == pytest.approx(np.array([[0, 2], [20, 22], [40, 42]]))
    assert [text.get_text() for text in fig.axes[-1].get_xticklabels()] == ["0", "0.2", "0.4"]
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    assert list(lines["large, annealed"].get_ydata()) == [51, 51]
    assert list(lines["small"].get_ydata()) == [1, 1]


def test_kinds_stand_side_by_side_in_the_order_of_the_legend(task):
    fig = plot_kinds(task, [PANEL])
    drawn = heights(fig.axes[0])
    assert list(drawn) == ["activation noise", "small batches"]
    assert drawn["small batches"][0] == [2, 3]
    assert drawn["small batches"][1] == pytest.approx([201, 401])
    assert [text.get_text() for text in fig.axes[-1].get_xticklabels()] == ["0.2", "0.4", "2", "4"]


def test_of_each_kind_the_three_highest_levels_are_drawn(task):
    task.noisy |= {("batch", level): task.noisy["batch", 4.0] for level in (8.0, 16.0)}
    fig = plot_kinds(task, [PANEL])
    assert [text.get_text() for text in fig.axes[-1].get_xticklabels()] == ["0.2", "0.4", "4", "8", "16"]


def test_batch_sizes_are_told_apart_against_the_epoch(make_history):
    def run(size, seed):
        history = make_history(seed=seed, test_clean_loss=[size + seed] * 4)
        return History(replace(history.config, batch_size=size), history.columns, history.provenance)

    runs = [run(size, seed) for size in (64, 16) for seed in (0, 2)]
    fig = plot_batches(runs, [make_history(seed=seed) for seed in (0, 2)])
    lines = {line.get_label(): line for line in fig.axes[-1].lines}
    assert list(lines["large, batches of 64"].get_ydata()) == [65] * 4
    assert list(lines["large, batches of 16"].get_ydata()) == [17] * 4
    assert list(lines["small"].get_ydata()) == [1, 2, 3, 4]
    assert lines["large, batches of 64"].get_color() != lines["large, batches of 16"].get_color()


def test_every_kind_of_noise_has_a_colour_and_a_marker_of_its_own():
    assert set(figures.NOISES) == set(NOISE_KINDS)
    for position in (1, 2):
        assert len({entry[position] for entry in figures.NOISES.values()}) == len(NOISE_KINDS)


@pytest.fixture
def run(make_history):
    """A run whose patches are recognized from an epoch on (9: never)."""
    def make(name, first, seed=0, rate=0.1, **fields):
        history = make_history(Schedule(name, rate), seed, 8, test_clean_accuracy=[60.0 + first] * 8,
                               test_patch_only_accuracy=[10.0] * (first - 1) + [90.0] * (9 - first))
        return replace(history, config=replace(history.config, **fields))

    return make


def test_the_delay_is_drawn_against_rate_over_batch_size_in_steps(run):
    fig = plot_delay([run("large_lr_constant", first, rate=rate, batch_size=size, train_size=64)
                      for size, rate, first in ((8, 0.1, 2), (8, 0.2, 9), (16, 0.2, 3))])
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    assert list(lines["batches of 8"].get_xdata()) == pytest.approx([0.0125, 0.025])
    assert list(lines["batches of 8"].get_ydata()) == pytest.approx([16, 1.6 * 64])  # never: above the last
    assert list(lines["batches of 16"].get_ydata()) == [12]


def test_matched_runs_stand_at_the_epoch_of_recognition(run):
    central = [run(name, first, seed) for name, first, seed in
               (("large_lr", 5, 0), ("small_lr", 1, 0), ("large_lr", 9, 1), ("small_lr", 1, 1))]
    fainter = [run("small_lr", 4, patch_strength=0.5), run("small_lr", 9, patch_strength=0.2)]
    fig = plot_matched(fainter, central)
    points = [(list(line.get_xdata()), list(line.get_ydata())) for line in fig.axes[0].lines]
    assert points == [([11.0], [69.0]), ([4.0], [64.0]), ([5.0], [65.0])]  # seed 1 has no fainter patch
    assert [text.get_text() for text in fig.axes[0].texts] == ["0.5", "large rate"]


def test_the_map_of_hiding_has_a_cell_for_each_rate_and_strength(run):
    cells = (0.1, 1.0, 9), (0.2, 1.0, 9), (0.1, 2.0, 2), (0.2, 2.0, 9)
    fig = plot_hiding([run("large_lr_constant", first, rate=rate, patch_strength=strength)
                       for rate, strength, first in cells])
    assert [text.get_text() for text in fig.axes[0].texts] == ["10", "10", "90", "10"]
