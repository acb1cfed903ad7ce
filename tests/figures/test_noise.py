"""The figures of noise added at the small rate, and taken away at the large one."""

from dataclasses import replace

import pytest

from lrreg_utils import History, Schedule, recorded
from lrreg_utils.experiments.schedule import NOISE_KINDS
from lrreg_utils.figures.noise import (
    KINDS,
    plot_added,
    plot_batches,
    plot_delay,
    plot_kinds,
    plot_matched,
)
from lrreg_utils.results.noise import Task


def test_noise_is_drawn_between_the_two_rates():
    names = [text.get_text() for text in plot_added(recorded("hidden"), "test_clean_accuracy").axes[0].texts]
    assert {"large", "small", "small\n+ noise"} <= set(names) and "never\nannealed" not in names


def test_kinds_stand_where_their_shares_and_patches_are(make_history):
    """Small ends at 0 and recognizes 80 % of patches, large at 50 and 10 %."""
    def run(name, end, patch, seed, **noise):
        schedule = Schedule(name, 0.1, (3,), 0.1, noise_until=3, **noise)
        return make_history(schedule, seed, test_clean_accuracy=[0, 0, 0, end],
                            test_patch_only_accuracy=[0, patch, 0, 0])

    runs = [run(name, *ends, seed) for name, ends in (("large_lr", (50, 10)), ("small_lr", (0, 80)))
            for seed in range(3)]
    noisy = [run("small_lr_noise", end + seed, 20, seed, noise=level, noise_kind=kind)
             for kind, level, end in (("activation", 0.4, 24), ("activation", 0.2, 4), ("batch", 8.0, 39))
             for seed in range(3)]
    others = [run("small_lr_noise", 0, 0, seed, noise=0.5, noise_kind=kind)
              for kind in ("dropout", "gradient", "label") for seed in range(3)]
    lines = plot_kinds(Task.of(runs + noisy + others), epoch=4).axes[0].lines
    points = [(list(line.get_xdata()), pytest.approx(list(line.get_ydata()))) for line in lines]
    assert points[0] == ([20, 20], [0.1, 0.5]) and points[4] == ([20], [0.8])
    assert points[5:] == [([10], [1]), ([80], [0])]


def test_every_kind_of_noise_has_a_name_and_a_marker_of_its_own():
    assert set(KINDS) == set(NOISE_KINDS)
    assert len({marker for _, marker, _ in KINDS.values()}) == len(KINDS)


def test_batch_sizes_are_told_apart_against_the_epoch(make_history):
    def run(size, seed):
        history = make_history(seed=seed, test_clean_loss=[size + seed] * 4)
        return History(replace(history.config, batch_size=size), history.columns, history.provenance)

    runs = [run(size, seed) for size in (64, 16) for seed in (0, 2)]
    fig = plot_batches(runs, [make_history(seed=seed) for seed in (0, 2)], "test_clean_loss")
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    assert list(lines["large,\nbatch 64"].get_ydata()) == [65] * 4
    assert list(lines["large,\nbatch 16"].get_ydata()) == [17] * 4
    assert list(lines["small"].get_ydata()) == [1, 2, 3, 4]
    assert lines["large,\nbatch 64"].get_linestyle() != lines["large,\nbatch 16"].get_linestyle()


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
    of_8, of_16, _ = fig.axes[0].lines
    assert list(of_8.get_xdata()) == pytest.approx([0.0125, 0.025])
    assert list(of_8.get_ydata()) == pytest.approx([16, 2 * 64])  # never: above the last
    assert list(of_16.get_ydata()) == [12]


def test_matched_runs_stand_at_the_epoch_of_recognition(run):
    central = [run(name, first, seed) for name, first, seed in
               (("large_lr", 5, 0), ("small_lr", 1, 0), ("large_lr", 9, 1), ("small_lr", 1, 1))]
    fainter = [run("small_lr", 4, patch_strength=0.5), run("small_lr", 9, patch_strength=0.2)]
    fig = plot_matched(fainter, central)
    points = [(list(line.get_xdata()), list(line.get_ydata())) for line in fig.axes[0].lines]
    assert points == [([11.0], [69.0]), ([4.0], [64.0]), ([5.0], [65.0])]  # seed 1 has no fainter patch
    assert [text.get_text() for text in fig.axes[0].texts] == ["0.5", "large rate"]
