"""Runs side by side: each gets the history that it gets alone."""

from dataclasses import replace

import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Shares
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.results.history import History
from lrreg_utils.sweeps.runner import run_all
from lrreg_utils.training.side_by_side import MOST, together, train_side_by_side
from lrreg_utils.training.train import train


@pytest.fixture
def small(tiny):
    """Two epochs of a hidden layer, with an anneal, noise and a last batch that is not full."""
    return replace(tiny, model="hidden-32", train_size=110, noise_per_sample=True)


def same(one: History, other: History) -> bool:
    return one.config == other.config and all(
        column == pytest.approx(other.columns[name], rel=1e-12, nan_ok=True)
        for name, column in one.columns.items() if None not in column)


@pytest.mark.parametrize("change", [{}, {"norm": "group"}, {"norm": "none"}, {"reset_lengths": True},
                                    {"passes": 2}, {"initialization": "he"}, {"noise_per_sample": False}])
def test_each_history_is_that_of_the_run_alone(small, change):
    configs = [replace(small, **change, seed=seed) for seed in range(3)]
    configs += [replace(small, **change, patch_strength=0.0),
                replace(small, **change, shares=Shares(0.2, 0.8, 0.0, redraw=True))]
    assert together(configs, MOST) == [configs]
    for config, history in zip(configs, train_side_by_side(configs, "cpu"), strict=True):
        alone = train(config, "cpu").history
        assert same(alone, history)
        assert history.provenance["data_sha256"] == alone.provenance["data_sha256"]
        assert history.provenance["side_by_side"] == 5


def test_each_run_has_its_own_rate_noise_and_anneal(small):
    """In the order in which they are given, whatever order they are computed in."""
    plain = replace(small, reset_lengths=True, epochs=3)
    schedules = [Schedule("late", 0.2, (3,), 0.1), Schedule("early", 0.2, (2,), 0.1), Schedule("never", 0.05),
                 Schedule("never", 0.05, noise=2.0, noise_until=3), Schedule("late", 0.3, (3,), 0.1)]
    configs = [replace(plain, schedule=schedule) for schedule in schedules]
    assert together(configs, MOST) == [configs]
    for config, history in zip(configs, train_side_by_side(configs, "cpu"), strict=True):
        assert same(train(config, "cpu").history, history)


def test_only_small_networks_with_equal_data_and_batches_are_together(small):
    other = replace(small, batch_size=10)
    configs = [small, other, replace(small, seed=1), replace(small, seed=2), replace(other, seed=1)]
    assert together(configs, 2) == [[small, configs[2]], [configs[3]], [other, configs[4]]]
    for change in ({"model": "small"}, {"data": "cifar10", "image_size": 32, "train_size": None},
                   {"precision": "bfloat16"}, {"schedule": replace(small.schedule, noise_kind="gradient")}):
        pair = [replace(small, **change, seed=seed) for seed in range(2)]
        assert together(pair, 12) == [[pair[0]], [pair[1]]]


def test_a_run_that_diverges_does_not_end_the_others(small, tmp_path):
    configs = [small, replace(small, seed=1, patch_strength=1e38), replace(small, seed=2)]
    first, second, third = train_side_by_side(configs, "cpu")
    assert isinstance(second, UserError) and "the run has diverged" in str(second)
    assert same(train(small, "cpu").history, first) and isinstance(third, History)
    with pytest.raises(UserError, match="1 of 3 runs failed: training: large_lr-seed1"):
        run_all(configs, "cpu", workers=1, folder=tmp_path, progress=False)
    assert len(list(tmp_path.glob("*.json"))) == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_run_all_keeps_every_history_and_reads_it_the_next_time(small, tmp_path, workers):
    configs = [replace(small, seed=seed) for seed in range(3)]
    told = []
    found = run_all(configs, "cpu", workers, tmp_path, progress=False,
                    on_run=lambda config, finished, total: told.append((finished, total)))
    assert [history.config for history in found] == configs and told == [(1, 3), (2, 3), (3, 3)]
    dates = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")}
    more = [*configs, replace(small, seed=3)]
    assert run_all(more, "cpu", workers, tmp_path, progress=False)[:3] == found
    assert len(dates) == 3 and all(path.stat().st_mtime_ns == date for path, date in dates.items())
