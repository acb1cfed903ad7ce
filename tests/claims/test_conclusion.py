"""The conclusion's tables on a few runs known by hand."""

from dataclasses import replace

import pytest

from lrreg_utils import Schedule
from lrreg_utils.claims import conclusion as claims
from lrreg_utils.claims.evidence import Effect, Evidence
from lrreg_utils.results.select import RESET


def test_the_flatter_end_is_that_of_lower_sharpness():
    result = {"large_lr": {"sharpness": [[9, 9], [1, 8]]}, "small_lr": {"sharpness": [[1, 1], [5, 5]]}}
    study = {"seeds": [0, 1], "result": result}
    assert list(claims.flatter(result, [0, 1], "curvature").met) == [True, False]
    assert claims.curvature_table(study).rows[0] == ("large_lr", "sharpness", "9.0 ± 0.0", "4.5 ± 4.9")


@pytest.fixture
def make_run(make_history):
    def make(schedule, end, seed=0, loss=1.0, **fields):
        history = make_history(schedule, seed, test_clean_accuracy=[0, 0, 0, float(end)],
                               test_clean_loss=[0, 0, 0, loss])
        return replace(history, config=replace(history.config, **fields))

    return make


def test_near_the_best_is_two_points_below_it_or_less(make_run):
    runs = [make_run(Schedule("large_lr", 0.1, (epoch,), 0.1), end, seed)
            for epoch, ends in ((2, (78, 78)), (3, (79, 81)), (4, (77, 78))) for seed, end in enumerate(ends)]
    assert claims.anneal_table(runs).rows == [
        ("2", "78.0 ± 0.0", "yes"), ("3", "80.0 ± 1.4", "yes"), ("4", "77.5 ± 0.7", "no")]


def test_rates_near_the_best_by_strength(make_run):
    runs = [make_run(Schedule("constant", rate), end, patch_strength=strength)
            for strength, ends in ((1.0, (50, 60, 61)), (2.0, (70, 40, 40)))
            for rate, end in zip((0.1, 0.2, 0.4), ends, strict=True)]
    assert claims.rate_table(runs).rows == [("1", "0.4", "61.0", "0.2, 0.4"), ("2", "0.1", "70.0", "0.1")]


def test_ahead_in_accuracy_and_behind_in_cross_entropy(make_run):
    large, small = Schedule("large_lr", 0.1, (3,), 0.1), Schedule("small_lr", 0.01)
    runs = [make_run(large, 80, 0, 2.0), make_run(small, 70, 0, 1.0),
            make_run(large, 80, 1, 1.0), make_run(small, 70, 1, 2.0)]
    assert list(claims.ahead_and_less_sure(runs, "digits").met) == [True, False]


def test_the_text_quotes_verdicts_of_the_papers_claims_and_the_central_experiment():
    yes, no = (Evidence("one", "", "above 0", [0], [met]) for met in (True, False))
    length = replace(yes, experiment="hidden-lengths", condition=f"{RESET}: half", 
                     effect=Effect([0.4, 0.5], unit="of the lead"))
    found = claims.numbers([("paper", "a", yes), ("paper", "b", no), ("rival", "c", length)])
    assert (found["paper_rows"], found["paper_hold"], found["paper_in_part"], found["paper_not"]) == (
        "2", "1", "0", "1")
    assert found["length"] == str(length.effect) and found["length_mean"] == "0.45"
