"""Claims against recorded runs: a verdict counts seeds, and every number comes from a recording."""

import json
from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Schedule, recorded
from lrreg_utils.claims import evidence
from lrreg_utils.claims.evidence import VERDICTS, Evidence
from lrreg_utils.claims.puzzle import ahead_at_end, lead_before_anneal
from lrreg_utils.claims.table import CLAIMS, judge_claims
from lrreg_utils.cli.main import main
from lrreg_utils.errors import UserError

KEYS = ["claim", "experiment", "measured", "seeds", "verdict"]


@pytest.mark.parametrize(("met", "verdict"), [
    ([True, True], "holds"), ([True, False], "holds in part"), ([False, False], "not reproduced"),
])
def test_the_verdict_counts_seeds(met, verdict):
    assert Evidence("x", "", "", [0, 1], met).verdict == verdict


def test_every_seed_has_an_answer():
    with pytest.raises(UserError, match="one answer is needed for each seed"):
        Evidence("x", "", "", [0, 1], [True])
    with pytest.raises(UserError, match="one answer"):
        Evidence("x", "", "", [], [])


def test_runs_are_one_for_each_seed():
    found = evidence.runs_where(recorded("digits-fresh"), schedule="large_lr")
    assert found.seeds == [3, 4, 5, 6, 7]
    column = [run["test_clean_accuracy"] for run in found.runs]
    assert found.at("test_clean_accuracy") == pytest.approx([values[-1] for values in column])
    means = [values[2:5].mean() for values in column]
    assert found.mean("test_clean_accuracy", range(3, 6)) == pytest.approx(means)
    with pytest.raises(UserError, match="several runs of one seed"):
        evidence.runs_where(recorded("digits-rates"))


@pytest.fixture
def small_leads(make_history):
    """Two seeds; in the second the small rate stays ahead on test images to the end."""
    def run(name, seed, train, test):
        schedule = Schedule(name, 0.1, (3,), 0.1)
        history = make_history(schedule, seed, train_clean_accuracy=train, test_clean_accuracy=test)
        return replace(history, columns=history.columns | {"test_clean_loss": [1.0, 1.0, 1.0, 1.0]})

    runs = [run("large_lr", seed, [10, 20, 90, 95], [10, 20, 80, 80]) for seed in (0, 1)]
    runs += [run("small_lr", seed, [50, 60, 90, 99], [50, 60, 60, 70 + 20 * seed]) for seed in (0, 1)]
    return runs


def test_the_lead_is_taken_before_the_anneal_and_the_win_at_the_end(small_leads):
    lead, win = lead_before_anneal(small_leads), ahead_at_end(small_leads)
    assert "train 40.0 ± 0.0, test 40.0 ± 0.0 points" in lead.measured
    assert lead.verdict == "holds"
    assert list(win.met) == [True, False] and win.verdict == "holds in part"
    assert "by 0.0 ± 14.1 points" in win.measured


def test_every_claim_is_measured_on_three_seeds_or_more():
    found = judge_claims()
    assert {row["claim"] for row in found} == set(CLAIMS)
    for row in found:
        assert list(row) == KEYS
        assert row["verdict"] in VERDICTS
        assert len(set(row["seeds"])) >= 3 and all(type(seed) is int for seed in row["seeds"])
        assert "±" in row["measured"] and "seeds" in row["measured"]


def test_the_numbers_are_those_of_the_recorded_runs():
    row = next(row for row in judge_claims() if row["experiment"] == "cifar-50k" and "wins" in row["claim"])
    ends = {name: np.array([run["test_clean_accuracy"][-1] for run in recorded("cifar-50k")
                            if run.config.schedule.name == name]) for name in ("large_lr", "small_lr")}
    assert f"{np.mean(ends['large_lr'] - ends['small_lr']):.1f} ±" in row["measured"]


def test_the_command_prints_the_same_as_json_and_as_text(capsys):
    assert main(["claims", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == judge_claims()
    assert main(["claims"]) == 0
    text = capsys.readouterr().out
    assert text.count(" in ") >= len(judge_claims()) and max(map(len, text.splitlines())) <= 100
    assert all(row["verdict"].upper() in text for row in judge_claims())
