"""Convex or not: on made-up solutions of two seeds whose distances are known by hand."""

import pytest

from lrreg_utils.claims import convexity as claims
from lrreg_utils.results.study import rows_where

SCHEDULES = ("large_lr", "small_lr")


def study(ended=0.2, convex=1e-6, network=0.04, orders=0.02, starts=0.02, residual=1e-7, objective=1e-5):
    """The second seed's distances are twice the first's; patches are a tenth as far apart."""
    pairs = [
        {"model": model, "seed": seed, "kind": kind, "stage": stage, "test": test,
         "weights": 0.5, "flips": 1.0,
         "function": (ended if stage == "schedule" else value) * (1 + seed) / (10 if test != "clean" else 1)}
        for model, kind, value in (("pixels", "schedules", convex), ("features", "schedules", convex),
                                   ("network", "schedules", network), ("network", "orders", orders),
                                   ("network", "starts", starts))
        for seed in (0, 1) for stage in claims.STAGES for test in ("clean", "patch_only")]
    runs = [
        {"model": model, "seed": seed, "variant": "", "schedule": schedule, "stage": stage,
         "residual": residual * (1 + seed), "objective": 1.0 + objective * (schedule == "small_lr"),
         "scores": {test: {"accuracy": 50.0 + seed + 10 * (schedule == "large_lr")}
                    for test in ("clean", "patch_only")}}
        for model in claims.MODELS for seed in (0, 1) for schedule in SCHEDULES for stage in claims.STAGES]
    return {"pairs": pairs, "runs": runs, "setting": {"convex_tolerance": 1e-7, "network_tolerance": 1e-4}}


def test_rows_are_chosen_by_their_values():
    assert len(rows_where(study()["runs"], model="pixels", stage="converged")) == 4
    assert rows_where(study()["runs"], model="nothing") == []


@pytest.mark.parametrize(("changed", "name", "met"), [
    ({}, "converged", [True, False]),  # twice the tolerance in the second seed
    ({"ended": 0.006}, "stopped", [False, True]),
    ({"convex": 6e-4}, "convex", [True, False]),
    ({"network": 6e-4}, "network", [False, True]),
])
def test_a_condition_is_asked_of_each_seed(changed, name, met):
    assert list(claims.evidence(study(**changed), [0, 1])[name].met) == met


def test_numbers_are_mean_and_range_over_all_pairs():
    found = claims.evidence(study(), [0, 1])
    assert found["stopped"].numbers["pixels"] == "0.300"
    assert found["stopped"].numbers["pixels_range"] == "0.200 to 0.400"
    assert found["network"].numbers["schedules"] == "0.060"
    assert found["controls"].numbers["orders_range"] == "0.020 to 0.040"
    assert found["network"].numbers["objectives"] == "1e-05"
    assert found["convex"].numbers["distance"] == "2e-06"


@pytest.mark.parametrize(("orders", "starts", "met"), [
    (0.02, 0.03, [True, True]), (0.05, 0.02, [False, False]), (0.02, 0.05, [False, False]),
])
def test_schedules_against_batch_orders_and_initial_weights(orders, starts, met):
    found = claims.evidence(study(orders=orders, starts=starts), [0, 1])["controls"]
    assert list(found.met) == met
    first = 0.04 - max(orders, starts)
    assert found.effect.values == pytest.approx([first, 2 * first])
    assert found.numbers["ratio_low"] == f"{0.04 / orders:.1f}"


def test_patches_and_scores():
    assert claims.patch(study())["schedules"] == "0.030"
    assert claims.patch(study())["converged_range"] == "0.0040 to 0.0080"
    assert claims.scores(study(objective=0.5)) == {
        "loss_large": "1.00", "loss_small": "1.50", "gap_schedule": "10.0", "gap_converged": "10.0",
        "patch_network": "50", "patch_pixels": "50"}


def test_a_table_has_a_row_for_each_model_and_stage():
    rows = claims.distances_table(study()).rows
    assert ("pixels", "converged", "5e-01", "2e-06", "1.0") in rows and len(rows) == 6
