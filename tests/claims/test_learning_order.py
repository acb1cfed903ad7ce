"""The order of learning, on runs whose order is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Schedule
from lrreg_utils.claims import learning_order as claims
from lrreg_utils.results.learning_order import Tracked

EPOCHS = 6


def tracked(schedule, image, patch, seed=0):
    """Four examples, the last two patched, from one string of 0 and 1 an example and question."""
    hits = {question: np.array([[mark == "1" for mark in one] for one in examples]).T
            for question, examples in (("image", image), ("patch", patch))}
    columns = {"test_clean_accuracy": np.zeros(EPOCHS)}
    return Tracked(schedule, seed, 4 if schedule == "large_lr" else None,
                   np.array([False, False, True, True]), hits, columns)


@pytest.fixture
def runs():
    """At the large rate images come first and stay; at the small rate one image is forgotten, one late."""
    never = "000000"
    return [
        tracked("large_lr", ["111111"] * 4, [never, never, "000111", "000111"]),
        tracked("small_lr", ["111111", "111111", "111000", "000111"], [never, never, "111111", "111111"]),
    ]


def test_what_is_learned_first(runs):
    found = claims.image_before_patch(runs)
    assert "large_lr 100.0 %, small_lr 0.0 %" in found.measured
    assert found.numbers == {"large": "0", "small": "100"}
    assert found.verdict == "holds"


def test_how_much_later_the_patch_is_learned(runs):
    found = claims.patch_later(runs)
    assert found.numbers == {"large": "4", "small": "1"}
    assert list(found.effect.values) == [3] and found.verdict == "holds"


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


@pytest.fixture
def with_lengths(make_history):
    """Two seeds; with the lengths put back 0.3 and 0.6 of the lead are left, with long weights 0.8."""
    def run(schedule, seed, end, strength=1.0, length=1.0, **changes):
        anneal = (3,) if schedule == "large_lr" else ()
        history = make_history(Schedule(schedule, 0.1, anneal, 0.1), seed, test_clean_accuracy=[0, 0, 0, end],
                               test_clean_loss=[0, 0, 0, (100 - end) / 20], weight_length=[length] * 4)
        return replace(history, config=replace(history.config, patch_strength=strength, **changes))

    found = []
    for seed, left in ((0, 0.3), (1, 0.6)):
        found += [run("large_lr", seed, 80, length=3.0), run("small_lr", seed, 60),
                  run("large_lr", seed, 60 + 20 * left, reset_lengths=True),
                  run("small_lr", seed, 76, initial_scale=6.0)]
        found += [run("large_lr", seed, 81, 0.0), run("large_lr", seed, 83, 0.0, reset_lengths=True),
                  run("small_lr", seed, 80, 0.0), run("small_lr", seed, 70, 0.0, initial_scale=6.0)]
    return found


def test_what_is_left_of_the_lead_with_the_lengths_put_back(with_lengths):
    found = claims.lengths(with_lengths)
    assert found["reset"].effect.values == pytest.approx([0.3, 0.6])
    assert found["reset"].effect.mean == pytest.approx(0.45) and list(found["reset"].met) == [True, True]
    assert found["reset"].numbers["slower"] == "9"  # three times as long
    assert found["reset"].numbers["of_loss"].startswith("0.45")
    assert found["long"].effect.mean == pytest.approx(0.8) and list(found["long"].met) == [False, False]
    assert [list(found[name].met) for name in ("inert_reset", "inert_long")] == [[True] * 2, [False] * 2]
    assert found["inert_reset"].effect.mean == 2 and found["inert_long"].verdict == "not reproduced"


def test_an_inert_patch_is_judged_where_it_was_run(with_lengths):
    shown = [run for run in with_lengths if run.config.patch_strength]
    assert list(claims.lengths(shown)) == ["reset", "long"]
    inert = [run for run in with_lengths if not (run.config.patch_strength or run.config.reset_lengths)]
    assert list(claims.lengths(shown + inert)) == ["reset", "long", "inert_long"]


def test_lengths_have_a_row_for_each_treatment(with_lengths):
    table = claims.lengths_table(with_lengths)
    assert [row[0] for row in table.rows] == ["large_lr", "small_lr", claims.RESET, claims.LONG]
    assert [row[2][:4] for row in table.rows] == ["1", "0", "0.45", "0.80"]


def test_features_are_alike_where_a_new_last_layer_is():
    def course(own, new):
        return [{"own": 70.0, "trained": 70.0, "held_out": 70.0},
                {"own": own, "trained": new - 2, "held_out": new}]

    readouts = {"large_lr": [course(76, 75), course(78, 76)], "small_lr": [course(60, 74), course(58, 70)],
                "untrained": [[{"own": 10.0, "trained": 50.0, "held_out": 52.0}]] * 2}
    found = claims.features_alike(readouts, [0, 1])
    assert list(found.effect.values) == [1, 6] and list(found.met) == [True, False]
    assert found.numbers["own"].startswith("18.0") and found.numbers["held_out"].startswith("3.5")


def test_what_is_recorded_of_the_page():
    found = claims.recorded_evidence()
    assert {"later", "first", "older", "features", "waits", "reset", "long", "match"} < set(found)
    assert found["reset"].numbers["share"] == str(found["reset"].effect).removesuffix(" of the lead")
    plain = claims.means(found)
    assert plain["reset"]["share"] == plain["reset"]["effect"] == f"{found['reset'].effect.mean:.2f}"
