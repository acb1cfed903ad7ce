"""What images and patches, each alone, say of the claims, on runs whose answer is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Schedule, Shares, recorded
from lrreg_utils.claims import patterns


def run(make_history, kind, rate, seed, train, test, size=640):
    part, shares = {"images": ("clean", Shares(1, 0, 0)), "patches": ("patch_only", Shares(0, 1, 0))}[kind]
    columns = {f"train_{part}_accuracy": train, f"test_{part}_accuracy": [0, 0, 0, test]}
    history = make_history(Schedule(patterns.RATES[rate], 0.1), seed, **columns)
    return replace(history, config=replace(history.config, shares=shares, train_size=size, batch_size=size))


@pytest.fixture
def curves(make_history):
    """Two seeds; a step each epoch. In seed 1 the large rate begins with the patch and fits it as soon."""
    soon, late = [60, 85, 90, 95], [20, 30, 85, 92]
    courses = {("images", "small"): (late, late), ("patches", "small"): (soon, soon),
               ("images", "large"): (soon, late), ("patches", "large"): (late, soon)}
    return [run(make_history, kind, rate, seed, course, 70 + 10 * seed, size) for size in (16, 64, 640)
            for (kind, rate), pair in courses.items() for seed, course in enumerate(pair)]


@pytest.fixture
def full(curves):
    return [run for run in curves if run.config.train_size == 640]


def test_what_a_rate_begins_with_is_that_of_its_first_epoch(curves, full):
    begun = patterns.recorded_numbers(curves)
    assert begun["first_images"] == "20.0 ± 0.0" and begun["first_patches"] == "60.0 ± 0.0"
    assert begun["first_images_large"] == begun["first_patches_large"] == "40.0 ± 28.3"
    assert (begun["steps_images"], begun["steps_patches"]) == ("3", "2")
    assert list(patterns.images_lead(full, "x").met) == [True, False]


def test_steps_are_counted_to_the_first_epoch_at_a_level(full):
    assert list(patterns.rate_slows_patches(full, "x").met) == [True, False]


def test_fitting_and_generalizing_are_two_questions(curves):
    fit = patterns.harder_to_fit(curves, "large_lr_constant")
    assert list(fit.met) == [True, False] and "images 3.5 ± 0.7, patches 3.5 ± 0.7" in fit.measured
    assert list(patterns.harder_to_generalize(curves).met) == [False, False]  # images do as well
    found = patterns.recorded_numbers(curves)
    assert found["images_first"] == "1 of 2" and found["lowest_patches"] == "70.0"
    assert found["images_16"] == found["patches_640_large"] == "75.0 ± 7.1"
    assert len(patterns.recorded_evidence(curves)) == 5


def test_linear_rules_are_capped_and_a_relu_layer_is_not():
    def rules(trained, relu):
        return {"linear, trained": (trained, 2.5), "linear, by hand": (55.0, 2.4),
                "ReLU, trained": (relu, 0.1)}

    found = patterns.rules_evidence([(rules(50.0, 100.0), 60.0, 62.0), (rules(56.0, 90.0), 70.0, 65.0)])
    assert [list(one.met) for one in found.values()] == [[True, False]] * 3
    assert found["points"].numbers == {"trained": "53.0 ± 4.2", "by_hand": "55.0 ± 0.0"}
    assert found["sample"].numbers["nearest"] == "-5.0"


def test_a_table_of_rules_has_a_row_for_each():
    tried = [({"a rule": (accuracy, 2.0)}, 0.0, 0.0) for accuracy in (50.0, 52.0)]
    assert patterns.rules_table(tried).rows == [("a rule", "51.0 ± 1.4", "2.00 ± 0.00")]


def test_fixed_examples_are_compared_at_160():
    def ends(at_160, at_640):
        return np.array([[at_160, at_640], [[1.0, 1.0]] * 2])

    found = patterns.fixed_examples({
        "images, ReLU layer": ends([70.0, 80.0], [80.0, 90.0]), "images, linear": ends([1, 1], [75.0, 77.0]),
        "patches, ReLU layer": ends([90.0, 85.0], [98.0, 99.0]), "patches, linear": ends([1, 1], [48, 48]),
    }, [160, 640])
    assert list(found.met) == [True, False]
    assert found.numbers["patch_160"] == "87.5 ± 3.5" and found.numbers["image_linear"] == "76.0 ± 1.4"


def test_epochs_to_fit_are_counted_from_one():
    found = patterns.harder_to_fit(recorded("learning-curves"), "small_lr")
    runs = [run for run in recorded("learning-curves") if run.config.train_size == 640
            and run.config.schedule.name == "small_lr" and run.config.shares.clean == 1]
    first = [next(epoch for epoch, right in enumerate(run.columns["train_clean_accuracy"], 1) if right >= 90)
             for run in runs]
    assert f"images {np.mean(first):.1f} ±" in found.measured
