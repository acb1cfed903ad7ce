from dataclasses import replace

import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.results.history import History
from lrreg_utils.results.summary import compare, schedule_table, table
from lrreg_utils.tables import spread

LARGE, SMALL = Schedule("large_lr", 0.1, (3,), 0.04), Schedule("small_lr", 0.004)


def history(schedule, seed, clean, patch):
    config = replace(Config(LARGE), schedule=schedule, seed=seed, epochs=3)
    columns = {"epoch": [1, 2, 3], "test_clean_accuracy": clean, "test_clean_loss": [3.0, 2.0, 1.0],
               "test_patch_only_accuracy": patch}
    return History(config, columns, {})


RUNS = [
    history(LARGE, 0, [30.0, 40.0, 80.0], [10.0, 11.0, 90.0]),
    history(SMALL, 0, [50.0, 60.0, 65.0], [50.0, 70.0, 95.0]),
    history(SMALL, 1, [50.0, 60.0, 60.0], [50.0, 80.0, 95.0]),
    history(LARGE, 1, [30.0, 40.0, 82.0], [10.0, 13.0, 92.0]),
]


def test_before_is_the_last_epoch_at_the_large_rate_for_every_schedule():
    outcomes = compare(RUNS)
    assert outcomes["large_lr"].patch_only_accuracy_before_anneal == [11, 13]
    assert outcomes["small_lr"].patch_only_accuracy_before_anneal == [70, 80]
    assert outcomes["large_lr"].clean_test_accuracy == [80, 82]


def test_spread_is_the_sample_standard_deviation():
    assert spread([1.0, 2.0, 3.0]) == "2.0 ± 1.0"
    assert spread([80.0, 82.0], 2) == "81.00 ± 1.41"
    assert spread([7.25]) == "7.2"


def test_table_has_a_line_for_each_schedule():
    lines = str(table(compare(RUNS))).splitlines()
    assert lines[1].split("  ")[0] == "large_lr"
    assert "81.0 ± 1.4" in lines[1]
    assert len(lines) == 3


def test_what_cannot_be_compared():
    with pytest.raises(UserError, match="no run of large_lr"):
        compare(RUNS[1:3])
    with pytest.raises(UserError, match="same seeds"):
        compare(RUNS[:3])


def test_a_large_rate_that_is_never_lowered_has_no_before():
    never = history(Schedule("large_lr", 0.1), 0, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    with pytest.raises(UserError, match="compare: large_lr never anneals, so there is no 'before'"):
        compare([never, RUNS[1]])


def test_before_is_the_last_epoch_where_the_runs_end_before_the_anneal():
    late = Schedule("large_lr", 0.1, (30,), 0.04)
    outcomes = compare([history(late, 0, [1.0, 2.0, 3.0], [10.0, 11.0, 12.0])])
    assert outcomes["large_lr"].patch_only_accuracy_before_anneal == [12]


def test_runs_of_different_lengths_are_not_compared():
    longer = history(SMALL, 0, [1.0], [1.0])
    longer = replace(longer, config=replace(longer.config, epochs=9))
    with pytest.raises(UserError, match="same number of epochs"):
        compare([RUNS[0], longer])


def test_the_schedules_before_and_after_the_anneal():
    noisy = Schedule("small_lr_noise", 0.004, noise=0.3, noise_until=3)
    assert schedule_table([LARGE, noisy], 3).rows == [
        ("large_lr", "2", "0.1", "0"), ("large_lr", "3", "0.004", "0"),
        ("small_lr_noise", "2", "0.004", "0.3"), ("small_lr_noise", "3", "0.004", "3e-06")]
