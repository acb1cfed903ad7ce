"""The theory's claims, on results of two seeds that are known by hand."""

from lrreg_utils.claims import theory as claims
from lrreg_utils.results.study import recorded_study

FOUND = {
    "S": {"p_test_error": [3.0, 2.0]}, "control_ratio": [1.0, 1.5], "linear_error": 25.0,
    "L-S": {"p_test_error": [1.0, 2.0], "q_only_error_before_anneal": [50.0, 20.0],
            "q_only_error": [0.0, 0.5]},
}


def test_the_gap_its_control_and_the_order():
    found = claims.evidence(FOUND, [0, 1])
    assert {name: list(one.met) for name, one in found.items()} == {
        "separation": [True, False], "control": [True, False], "order": [True, False]}
    assert found["separation"].numbers == {"ratio": "2.0", "lowest": "1.00"}
    assert found["control"].numbers == {"ratio": "1.25"}


def test_the_ratio_must_exceed_its_control():
    assert list(claims.separation(FOUND | {"control_ratio": [3.0, 1.0]}, [0, 1]).met) == [False, False]


def test_the_gap_without_noise():
    quiet = {"ratio": [1.0, 2.0], "L-S": {"q_only_error_before_anneal": [0.0, 0.0]}}
    found = claims.gap_without_noise({"recipes": {"no injected noise": quiet}}, [0, 1])
    assert list(found.met) == [True, False]
    assert found.numbers == {"ratio": "1.5"}


def test_ratios_at_both_ends():
    rows = [{"ratio": [2.0, 3.0]}, {"ratio": [9.0, 9.0]}, {"ratio": [1.0, 1.0]}]
    assert claims.ends({"rows": rows}) == {"first": "2.5", "last": "1.0"}


def test_other_lengths_of_s():
    course = {"S": {"x1_half": {"error": [[0, 0], [4.0, 2.0], [8.0, 8.0]]}}}  # the first row is the start
    found = FOUND | {"course": course, "ratio_as_long": [2.0, 4.0]}
    assert claims.times(found) == {"long": "3.00 ± 1.41", "early": "2.0"}


def test_neurons_changed():
    flips = {"large": {"changed": [[0.0, 0.0], [0.2, 0.4]]}, "small": {"changed": [[0.05, 0.05]]}}
    assert claims.changed(flips) == {"large": "30 %", "small": "5 %"}


def test_the_boundary_where_it_was_seen():
    regime = {"lam": [1.0, 10.0, 100.0], "measured_r": {"small": [0.1, 1.0, None]},
              "predicted_r": {"small": [0.1, 0.5, 1.0]}}
    assert claims.boundary(regime) == {"off": "2.0", "power": "1.00"}


def test_numbers_are_quoted_of_every_study():
    names = claims.numbers({name: recorded_study(name)["result"] for name in claims.STUDIES})
    assert set(names) == {"times", "changed", "share", "length", "boundary", "slope"}


def test_tables_have_a_row_for_each_comparison():
    references = {"p_only": {"S": [9.0, 9.0], "L-S": [8.0, 8.0]}, "all": {"S": [1.0, 1.0], "L-S": [1.0, 1.0]}}
    rows = claims.references_table(references, FOUND).rows
    assert [row[1] for row in rows] == ["9.00 ± 0.00", "2.50 ± 0.71", "1.00 ± 0.00"]
    one = {"ratio": [2.0, 2.0], "L-S": {"q_only_error_before_anneal": [50.0, 50.0]}}
    rows = claims.finite_table({"recipes": {"a": one | {"control_ratio": [1.0, 1.0]}, "b": one}}).rows
    assert [row[0] for row in rows] == ["a", "the same without Q", "b"]


def test_slopes():
    assert claims.slopes({"slope": {"mirrored": -0.5, "not mirrored": 0.0}}) == {
        "mirrored": "-0.50", "without": "0.00"}
