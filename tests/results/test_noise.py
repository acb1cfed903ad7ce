"""Noise between the two rates: how runs are sorted, and the share of the gap that it gives back."""

import pytest

from lrreg_utils import Schedule
from lrreg_utils.errors import UserError
from lrreg_utils.results.measures import after, recovered
from lrreg_utils.results.noise import Task, recorded_tasks


def test_the_share_of_a_gap_is_0_at_the_small_rate_and_1_at_the_large_one():
    shares = recovered([50, 80, 65, 40], [50] * 4, [80] * 4)
    assert shares == pytest.approx([0, 1, 0.5, -1 / 3])


def test_a_share_needs_a_gap_and_as_many_seeds():
    with pytest.raises(UserError, match="equal in a seed"):
        recovered([1, 2], [3, 4], [5, 4])
    with pytest.raises(UserError, match="a number for every seed"):
        recovered([1, 2], [3, 4], [5])


def test_measures_read_the_right_epoch(make_history):
    run = make_history(test_clean_accuracy=[0, 10, 20, 30])
    assert after("test_clean_accuracy")(run) == 30 and after("test_clean_accuracy", 2)(run) == 10


def test_runs_are_sorted_by_rate_noise_and_seed(make_history):
    def run(name, level, seed, kind="activation"):
        return make_history(Schedule(name, 0.1, noise=level, noise_until=3, noise_kind=kind), seed,
                            test_clean_loss=[0, level, 2 * level, 1])

    task = Task.of([run("small_lr_noise", 8.0, 0, "batch"), run("small_lr_noise", 0.8, 1),
                    run("small_lr_noise", 0.8, 0), run("small_lr_noise", 0.4, 0), run("small_lr", 0.0, 1),
                    run("small_lr_noise", 0.0, 0), run("large_lr", 0.0, 0)])
    assert list(task.noisy) == [("activation", 0.4), ("activation", 0.8), ("batch", 8.0)]
    assert [run.config.seed for run in task.noisy["activation", 0.8]] == [0, 1]
    assert [run.config.seed for run in task.small] == [0, 1] and len(task.large) == 1


def test_what_is_recorded_has_three_seeds_of_everything():
    for task, levels in zip(recorded_tasks(), (16, 8), strict=True):
        assert len(task.noisy) == levels
        assert {len(runs) for runs in (task.small, task.large, *task.noisy.values())} == {3}
