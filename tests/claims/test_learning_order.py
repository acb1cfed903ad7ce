"""The order of learning, on runs whose order is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Schedule
from lrreg_utils.claims import learning_order as claims
from lrreg_utils.results.learning_order import Tracked

EPOCHS = 6
NAMES = ("image_clean_loss", "image_patched_loss", "test_clean_accuracy")


def tracked(schedule, image, patch, seed=0, **columns):
    """Four examples, the last two patched, from one string of 0 and 1 an example and question."""
    hits = {question: np.array([[mark == "1" for mark in one] for one in examples]).T
            for question, examples in (("image", image), ("patch", patch))}
    columns = {name: np.array(columns.get(name, [0.0] * EPOCHS)) for name in NAMES}
    return Tracked(schedule, seed, 4 if schedule == "large_lr" else None,
                   np.array([False, False, True, True]), hits, columns)


@pytest.fixture
def runs():
    """At the large rate images come first and stay; at the small rate one image is forgotten, one late."""
    never = "000000"
    return [
        tracked("large_lr", ["111111"] * 4, [never, never, "000111", "000111"],
                test_clean_accuracy=[10, 20, 30, 80, 80, 75], image_patched_loss=[0.5] * 6),
        tracked("small_lr", ["111111", "111111", "111000", "000111"], [never, never, "111111", "111111"],
                test_clean_accuracy=[60, 65, 60, 60, 60, 50]),
    ]


def test_what_is_learned_first(runs):
    found = claims.image_before_patch(runs)
    assert "large_lr 100.0 %, small_lr 0.0 %" in found.measured
    assert found.numbers == {"large": "0", "small": "100"}
    assert found.verdict == "holds"


def test_test_images_when_the_patch_is_learned_and_what_is_lost(runs):
    found = claims.ahead_when_read(runs)
    assert found.numbers == {"then_large": "80.0", "then_small": "60.0", "lost_large": "5.0",
                             "lost_small": "10.0"}
    assert list(found.met) == [True]


def test_patched_images_must_be_forgotten_more_often_under_every_schedule(runs):
    found = claims.more_forgotten(runs)
    assert list(found.met) == [False]  # nothing is forgotten at the large rate
    assert found.numbers["patched_large"] == "0.50"
    assert list(claims.more_forgotten([replace(runs[0], hits=runs[1].hits), runs[1]]).met) == [True]


def test_live_runs_are_asked_before_the_anneal_and_at_the_end(runs):
    found = claims.live_evidence(runs)
    assert {name: one.verdict for name, one in found.items()} == dict.fromkeys(found, "holds")
    assert "large 0.0 %, small 100.0 %" in found["order"].measured
    assert "by 50.0 points" in found["kept"].measured and "by 25.0 points" in found["tests"].measured


def test_a_stronger_patch_and_a_larger_rate(make_history):
    def run(rate, strength, seed):
        end = 50 + 50 * rate - 4 * strength - seed * (rate == 0.4) * (strength == 3) * 40
        history = make_history(Schedule("large_lr", rate), seed, test_clean_accuracy=[0, 0, 0, end],
                               test_patch_only_accuracy=[0, 49, 50, 50 + rate])
        return replace(history, config=replace(history.config, patch_strength=strength))

    found = claims.rate_against_patch([run(rate, strength, seed) for rate in (0.1, 0.4)
                                       for strength in (1, 2, 3) for seed in (0, 1)])
    assert list(found["large"].met) == [True, True]
    assert list(found["small"].met) == [True, False]
    assert found["large"].numbers["test_weak"] == "66.0"
    assert found["small"].numbers["test_weak"] == "51.0"
    assert found["large"].numbers["read_middle"] == "3"  # reached, not exceeded


@pytest.fixture
def moved(make_history):
    def run(name, epochs, end, seed):
        return make_history(Schedule(name, 0.4, epochs, 0.1), seed, 40,
                            test_clean_accuracy=[30.0] * 39 + [end + seed])

    return [run(*fields, seed) for seed in (0, 1) for fields in (
        ("large_lr", (2,), 60), ("large_lr", (9,), 80), ("large_lr", (40,), 70),
        ("large_lr_constant", (), 76))]


def test_the_anneal_against_none(moved):
    found = claims.order_decides(moved)
    assert found.numbers["nine"] == "80.5 ± 0.7" and found.numbers["before_forty"] == "30.0 ± 0.0"
    assert "by 4.0 ± 0.0 points" in found.measured and found.verdict == "holds"


def test_one_epoch_against_none(moved, make_history):
    none = [make_history(Schedule("constant", 0.1), seed, 40, test_clean_accuracy=[61.0] * 40)
            for seed in (0, 1)]
    found = claims.one_epoch_helps(moved, none)
    assert list(found.met) == [False, False]
    assert (found.numbers["none"], found.numbers["one"]) == ("61.0 ± 0.0", "60.5 ± 0.7")
    assert found.numbers["reads_one"] == "nan, nan"  # columns rise to 40
