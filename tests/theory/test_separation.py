"""L-S against S on a small setting: the effect, its control, and a step that changes no digit."""

import json

import pytest

from lrreg_utils.cli.main import main
from lrreg_utils.theory import separation
from lrreg_utils.theory.separation import LAM, ratios, separate, table
from lrreg_utils.theory.setting import Setting

SMALL = Setting(d=100, train_size=60, test_size=300, x1_scale=0.3, r=0.2)
FASTER = 32 * LAM  # a 32nd of the steps


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(separation, "LAM", FASTER)
        yield separate([100], SMALL, step=20.0)


def test_small_rate_learns_q_and_less_of_p(found):
    assert found["S"]["q_only_error"] == found["L-S"]["q_only_error"] == [0]
    assert found["L-S"]["q_only_error_before_anneal"][0] >= 33
    assert found["S"]["p_test_error"][0] > found["L-S"]["p_test_error"][0]
    assert set(found["L-S"]) == {
        "p_test_error", "p_only_test_error", "q_only_error_before_anneal", "q_only_error"
    }


def test_table_names_the_ratio_its_control_and_the_linear_rule(found):
    text = str(table(found))
    assert "S / L-S on P: " in text and "without Q" in text
    assert "33.33 % of Q-only inputs" in text


def test_half_the_step_changes_no_printed_digit(found, monkeypatch):
    monkeypatch.setattr(separation, "LAM", FASTER)
    assert separate([100], SMALL, step=10.0) == found


def test_ratio_without_an_error_below_is_infinite():
    assert ratios([2.0, 1.0], [1.0, 0.0]) == [2.0, float("inf")]


def test_command_prints_one_number_a_seed(monkeypatch, capsys, found):
    monkeypatch.setattr(separation, "separate", lambda seeds: found)
    assert main(["theory", "--json", "--seeds", "1"]) == 0
    assert json.loads(capsys.readouterr().out) == found
