"""What noise says of the claim, on runs whose answer is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Schedule, recorded
from lrreg_utils.claims import noise
from lrreg_utils.results.noise import Task, recorded_tasks


@pytest.fixture
def task(make_history):
    """Two seeds, noise until epoch 3; it gives back 3/4 of the gap in seed 0, and 1/4 in seed 1."""
    def run(name, seed, clean, patch, **level):
        schedule = Schedule(name, 0.1, (3,) if name == "large_lr" else (), 0.1, noise_until=3, **level)
        ends = {"test_clean_accuracy": clean, "test_clean_loss": clean}
        return make_history(schedule, seed, 12, test_patch_only_accuracy=patch + patch[-1:] * 8,
                            **{column: [10, 20, 30] + [end] * 9 for column, end in ends.items()})

    waits, read = [10, 20, 40, 50], [10, 50, 60, 90]
    return Task.of([
        *(run("large_lr", seed, 80, waits) for seed in (0, 1)),
        *(run("small_lr", seed, 60, read) for seed in (0, 1)),
        run("small_lr_noise", 0, 75, waits, noise=0.8), run("small_lr_noise", 1, 65, read, noise=0.8),
        *(run("small_lr_noise", seed, 70, read, noise=8.0, noise_kind="batch") for seed in (0, 1)),
    ])


def test_a_patch_waits_where_it_is_unknown_while_there_is_noise_and_known_at_the_end(task):
    found = noise.evidence(task)
    assert list(found["quiet"].met) == [True, True]  # read without noise, and not at the large rate
    assert list(found["order"].met) == [True, False]
    assert "35.0 ± 21.2 %, in the end 70.0 ± 28.3 %" in found["order"].measured
    assert noise.kind_holds_patch(task, "batch").verdict == "not reproduced"


def test_half_of_the_gap_and_some_of_it_are_two_questions(task):
    found = noise.evidence(task)
    assert "small 60.0 ± 0.0 %, with noise 0.8 70.0 ± 7.1 %, large 80.0 ± 0.0 %: 50 ± 35 % of the gap" in (
        found["gap"].measured)
    assert list(found["gap"].met) == [True, False]
    assert list(found["some"].met) == [True, True]
    assert noise.share(task, epoch=-1) == "0.50 ± 0.35"
    assert noise.share(task, epoch=-1, kind="batch") == "0.50 ± 0.00"


def test_one_epoch_at_the_large_rate_delays_the_patch(make_history):
    def run(schedule, seed, epoch):
        course = [0] * (epoch - 1) + [50] * (9 - epoch)
        return make_history(schedule, seed, 8, test_patch_only_accuracy=course)

    at_once = [run(Schedule("constant_0.01", 0.01), seed, 3) for seed in (0, 1)]
    moved = [run(Schedule("large_lr", 0.1, (2,), 0.1), seed, epoch) for seed, epoch in enumerate((4, 7))]
    found = noise.waits_for_noise_alone(moved, at_once)
    assert list(found.effect.values) == [1, 4] and list(found.met) == [True, False]


@pytest.fixture
def batches(make_history):
    """The large rate, annealed at epoch 3: batches of 64 read the patch and keep a quarter of the lead."""
    def run(name, size, clean, patch):
        schedule = Schedule(name, 0.1, (3,) if name == "large_lr" else (), 0.1)
        history = make_history(schedule, 0, 8, test_clean_accuracy=[0] * 7 + [clean],
                               test_patch_only_accuracy=[0, patch, 90, 90, 90, 90, 90, 40])
        return replace(history, config=replace(history.config, batch_size=size))

    return [run("large_lr", 16, 80, 20), run("large_lr", 64, 65, 70), run("large_lr_constant", 16, 0, 0)]


def test_larger_batches_are_less_noise(batches, make_history):
    found = noise.patch_by_batch(batches)
    assert found.verdict == "holds"
    assert found.numbers == {"of_16": "20.0", "of_64": "70.0", "of_16_late": "40.0"}
    small = [make_history(Schedule("small_lr", 0.1), 0, test_clean_accuracy=[0, 0, 0, 60])]
    left = noise.lead_by_batch(batches, small)
    assert left.numbers == {"left": "0.25"} and left.verdict == "not reproduced"


def test_tables_have_a_row_for_each_level_kind_and_recipe():
    tasks = recorded_tasks()
    assert [row[0] for row in noise.levels_table(*tasks).rows] == ["0.2", "0.4", "0.8", "1.6"]
    assert [row[0] for row in noise.kinds_table(*tasks).rows] == list(noise.BEST)
    recipe = {"ratio": [1.0, 2.0], "L-S": {"q_only_error_before_anneal": [40.0, 50.0]}}
    recipes = dict.fromkeys(("injected noise", "no injected noise", "minibatches"), recipe)
    assert noise.theory_table(recipes).rows[0] == ("injected noise", "45.0 ± 7.1", "1.50 ± 0.71")
    rows = noise.batches_table(recorded("batch-size"), tasks[0].small).rows
    assert rows[2][:3] == ("small, batches of 16", "65.4 60.2 58.8", "61.5 ± 3.5")
    assert noise.task_table(tasks[0]).rows[1][1:] == rows[2][1:]


def test_the_text_quotes_shares_of_live_and_recorded_runs(task):
    recipe = {"ratio": [1.0, 2.0]}
    found = noise.numbers(task, *recorded_tasks(), {"injected noise": recipe, "no injected noise": recipe})
    assert found["live"]["soon"] == found["live"]["end"] == "0.50 ± 0.35"
    assert found["live"]["left_large"] == "4.00 ± 0.00" and found["theory"]["none"] == "1.50 ± 0.71"
    assert found["batch_before"] == noise.kinds_table(*recorded_tasks()).rows[-1][2]


def ends(name, column, keep):
    """The last value of a column by seed, read from the histories without the package's helpers."""
    return {run.config.seed: run.columns[column][-1] for run in recorded(name) if keep(run.config)}


def test_the_share_of_the_gap_is_that_of_the_recorded_ends():
    def noisy(level):
        return ends("noise-level", "test_clean_accuracy",
                    lambda config: config.shares.clean < 1 and config.schedule.noise == level)

    small, noise_08 = noisy(0.0), noisy(0.8)
    large = ends("anneal-epoch", "test_clean_accuracy", lambda config: config.schedule.anneal_epochs == (9,))
    shares = [100 * (noise_08[seed] - small[seed]) / (large[seed] - small[seed]) for seed in (0, 1, 2)]
    found = noise.gap_given_back(recorded_tasks()[0])
    assert f"{np.mean(shares):.0f} ± {np.std(shares, ddof=1):.0f} % of the gap" in found.measured
    assert list(found.met) == [share >= 50 for share in shares]
