"""What noise says of the intuition, on rows and runs whose answer is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Schedule, Shares, recorded, recorded_study
from lrreg_utils.claims import intuition


@pytest.fixture
def rows():
    """Two ReLUs, two seeds: at rate 0.4 twice the noise in seed 0 and four times in seed 1."""
    def row(rate, seed, epoch, noise):
        return {"rate": rate, "seed": seed, "epoch": epoch, "noise": [noise, 2 * noise], "spread": [1.0, 2.0],
                "patch": [0.5, 1.0], "window": [2 * noise, 4 * noise], "successive": [noise / 4, noise / 2]}

    return [row(rate, seed, epoch, noise) for epoch in (3, 9, 25)
            for rate, seed, noise in ((0.4, 1, 0.4), (0.4, 0, 0.2), (0.004, 1, 0.1), (0.004, 0, 0.1))]


def test_noise_is_compared_seed_by_seed(rows):
    noisier, drowns = intuition.noise_evidence(rows, epoch=3)
    assert "0.10 ± 0.00 at rate 0.004, 0.30 ± 0.14 at 0.4, 3.0 ± 1.4 times as much" in noisier.measured
    assert noisier.seeds == [0, 1] and list(noisier.met) == [True, True]
    assert list(drowns.met) == [False, True]  # twice is too little, four times is enough
    table = intuition.noise_table(rows, 9)
    assert table.rows == [("0.004", "0.10 ± 0.00", "0.20 ± 0.00"), ("0.4", "0.30 ± 0.14", "0.60 ± 0.28")]


def test_numbers_of_the_noise_are_means_over_seeds(rows):
    courses = {name: [row | {"epoch": epoch} for row in rows for epoch in (8, 9) if row["epoch"] == 3]
               for name in ("large_lr", "small_lr")}
    found = intuition.noise_numbers({"rates": rows, "courses": courses})
    assert found["growth_9"] == found["growth_window"] == found["growth_successive"] == "3.0"
    assert found["rel_small_3"] == "0.10" and found["patch_large_9"] == "0.6"
    assert found["neighbours_large"] == "0.25" and found["std_large"] == "0.45"
    assert found["site_first"] == "3.0" and found["before_anneal"] == "0.40"


def test_one_parameter_follows_its_formula_and_loses_the_ripple():
    spread = intuition.spread_by_formula(np.array([[1.0, 1.1], [2.0, 2.0]]), np.array([1.0, 2.0]))
    assert list(spread.met) == [True, False]
    seen = np.array([[0.9, 0.7], [0.5, 0.3], [0.05, -0.05]])
    ripple = intuition.ripple_hidden(seen, np.array([0.8, 0.1, 0.0]))
    assert list(ripple.met) == [True, False]
    assert ripple.numbers == {"small": "0.80", "large": "0.00", "mid": "0.80", "formula": "0.80"}


@pytest.fixture
def alone(make_history):
    """Runs of one part alone; noise of 1.6 takes the patch from seed 0 and leaves it to seed 1."""
    def run(part, noise, seed, course, schedule="small_lr", strength=1.4):
        history = make_history(Schedule(schedule, 0.004, noise=noise, noise_until=9), seed,
                               **{f"train_{part}_accuracy": course, f"test_{part}_accuracy": course})
        shares = Shares(1, 0, 0) if part == "clean" else Shares(0, 1, 0)
        return replace(history, config=replace(history.config, shares=shares, patch_strength=strength))

    return [
        *(run("clean", noise, seed, [20, 55, 80, 90]) for noise in (0.0, 1.6) for seed in (0, 1)),
        *(run("patch_only", 0.0, seed, [60, 80, 90, 95]) for seed in (0, 1)),
        run("patch_only", 1.6, 0, [10, 10, 10, 10]), run("patch_only", 1.6, 1, [60, 60, 60, 70]),
        *(run("patch_only", 0.0, seed, [10, 10, 10, 20 + seed], "large_lr_constant") for seed in (0, 1)),
    ]


def test_a_patch_is_hidden_where_images_are_fitted(alone):
    hidden = intuition.noise_hides_patch(alone, alone, 1.4)
    assert list(hidden.met) == [True, False]
    assert "noise 1.6: images fitted to 90.0 ± 0.0 %, patches to 40.0 ± 42.4 %" in hidden.measured
    assert list(intuition.large_rate_hides_patch(alone, 1.4).met) == [True, False]


def test_noise_turns_the_order_where_patches_get_there_last(alone):
    small = [run for run in alone if run.config.schedule.name == "small_lr"]
    assert list(intuition.noise_turns_order(small).met) == [True, False]
    assert list(intuition.epochs_until(small, "clean", 1.6)) == [2, 2]
    assert list(intuition.epochs_until(small, "patch_only", 1.6)) == [5, 1]  # never: after the fourth


def test_what_the_text_quotes_is_that_of_the_recorded_runs():
    alone, faint = recorded("expressiveness"), recorded("faint-patches")
    found = intuition.fitted_numbers(alone, faint)
    ends = [run.at("train_clean_accuracy", -1) for run in alone
            if run.config.shares.clean == 1 and run.config.schedule.noise == 1.6]
    assert found["images_16"] == f"{np.mean(ends):.1f}" == found["faint_images"].split()[0]
    assert len(intuition.fitting_evidence(alone, faint)) == 5
    fresh = recorded("digits-fresh")
    known = [run.at("test_patch_only_accuracy", 8) for run in fresh
             if run.config.schedule.name == "small_lr_noise"]
    assert intuition.mixed_numbers(fresh)["mixed_noise"].startswith(f"{np.mean(known):.1f} ±")


def test_the_study_says_what_the_table_says():
    study = recorded_study("preactivation-noise")
    assert intuition.noisier_activations(study["result"]["rates"]).seeds == study["seeds"]


@pytest.mark.parametrize(("strength", "hidden"), [(0.35, True), (0.7, False)])
def test_a_patch_is_hidden_where_a_level_fits_images_and_not_patches(strength, hidden):
    found = intuition.noise_hides_patch(recorded("expressiveness"), recorded("faint-patches"), strength)
    for seed, met in zip(found.seeds, found.met, strict=True):
        images = {run.config.schedule.noise: run.columns["train_clean_accuracy"][-1]
                  for run in recorded("expressiveness")
                  if run.config.shares.clean == 1 and run.config.seed == seed}
        patches = {run.config.schedule.noise: run.columns["train_patch_only_accuracy"][-1]
                   for run in recorded("faint-patches") if run.config.seed == seed
                   and run.config.schedule.name == "small_lr" and run.config.patch_strength == strength}
        assert met == hidden == any(images[level] >= 80 and patches[level] <= 20 for level in patches)
