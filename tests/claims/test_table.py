"""Claims against recorded runs: verdicts come from seeds and intervals, numbers from recordings."""

import json
from dataclasses import replace

import numpy as np
import pytest

from lrreg_utils import Schedule, recorded
from lrreg_utils.book.verdicts import claims_table, grid
from lrreg_utils.claims import evidence
from lrreg_utils.claims.evidence import DISCS, VERDICTS, Effect, Evidence, Tally, tally
from lrreg_utils.claims.puzzle import (
    ahead_at_end,
    beats_smaller_rates,
    lead_before_anneal,
    surer_at_end,
)
from lrreg_utils.claims.table import (
    CENTRAL,
    CLAIMS,
    GROUPS,
    PAGES,
    PAPER,
    PHOTOGRAPHS,
    badge,
    counted,
    judge_claims,
    measure_claims,
    of_page,
)
from lrreg_utils.cli.main import main
from lrreg_utils.errors import UserError

KEYS = ["group", "claim", "experiment", "measured", "effect", "interval", "seeds", "verdict"]
INF = float("inf")


@pytest.mark.parametrize(("met", "verdict"), [
    ([True, True], "holds"), ([True, False], "holds in part"), ([False, False], "not reproduced"),
])
def test_the_verdict_counts_seeds(met, verdict):
    assert Evidence("x", "", "", [0, 1], met).verdict == verdict


def test_the_interval_is_students():
    effect = Effect([1.0, 2.0, 3.0, 4.0])  # standard error sqrt(5/3) / 2, 97.5 % quantile of t with 3: 3.182
    assert effect.mean == 2.5
    assert effect.interval == pytest.approx((2.5 - 3.18245 * 0.645497, 2.5 + 3.18245 * 0.645497), rel=1e-5)
    assert str(effect) == "2.5 [0.4, 4.6] points"
    assert Effect([7.0]).interval is None and str(Effect([7.0], unit="")) == "7.0"


@pytest.mark.parametrize(("values", "shown"), [
    ([0.5, 0.6], "0.55 [-0.09, 1.19]"), ([0.02, 0.03], "0.025 [-0.039, 0.089]"),
    ([40.0, 40.0], "40.0 [40.0, 40.0]"),
])
def test_digits_follow_the_size(values, shown):
    assert str(Effect(values, unit="")) == shown


@pytest.mark.parametrize(("within", "bounds"), [
    ((0.0, INF), "≥ 0"), ((-INF, 20), "≤ 20"), ((-3, 3), "-3 to 3"),
])
def test_bounds_in_words(within, bounds):
    assert Effect([1.0], within).bounds == bounds


@pytest.mark.parametrize(("met", "within", "verdict"), [
    ([True] * 4, (0.3, INF), "holds"),  # the interval goes from 0.4 to 4.6
    ([True] * 4, (0.5, INF), "holds in part: 95 % interval crosses the bound ≥ 0.5"),
    ([True] * 4, (4.7, INF), "not reproduced: 95 % interval outside the bound ≥ 4.7"),
    ([True] * 4, (-INF, 0.3), "not reproduced: 95 % interval outside the bound ≤ 0.3"),
    ([True] * 4, (0.0, 5.0), "holds"),
    ([True] * 3 + [False], (0.3, INF), "holds in part"),
    ([False] * 4, (0.3, INF), "not reproduced"),
])
def test_the_verdict_comes_from_seeds_and_interval(met, within, verdict):
    effect = Effect([1.0, 2.0, 3.0, 4.0], within)
    assert Evidence("x", "", "", range(4), met, effect=effect).judged == verdict


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


def test_the_cross_entropy_is_asked_apart(small_leads):
    assert surer_at_end(small_leads).verdict == "not reproduced"  # equal


def test_the_largest_rate_is_held_against_the_best_smaller_one(make_history):
    runs = [make_history(Schedule(f"rate_{rate}", rate), seed, test_clean_accuracy=[0, 0, 0, end])
            for rate, ends in ((0.1, (50, 80)), (0.2, (70, 70)), (0.4, (75, 75)))
            for seed, end in enumerate(ends)]
    found = beats_smaller_rates(runs)
    assert list(found.met) == [True, False] and list(found.effect.values) == [5, -5]


@pytest.fixture(scope="module")
def rows():
    return judge_claims()


def test_every_claim_is_measured_on_three_seeds_or_more(rows):
    assert list(dict.fromkeys(row["claim"] for row in rows)) == [
        claim for claims in CLAIMS.values() for claim in claims]
    for row in rows:
        assert list(row) == KEYS
        assert row["verdict"] in VERDICTS and row["group"] in GROUPS and row["claim"] in CLAIMS[row["group"]]
        assert len(set(row["seeds"])) >= 3 and all(type(seed) is int for seed in row["seeds"])
        assert "±" in row["measured"] and "seeds" in row["measured"]
        low, high = row["interval"]
        assert type(row["effect"]) is float and low <= row["effect"] <= high
    assert {row["group"] for row in rows} == set(GROUPS) == set(CLAIMS)


def test_a_row_without_a_number_for_each_seed(monkeypatch):
    bare = Evidence("x", "5 ± 1", "true", [0, 1], [True, True])
    alone = replace(bare, effect=Effect([5.0, 5.0], unit="%"))
    made_up = {"paper": {"It is.": (lambda: bare, lambda: alone)}}
    monkeypatch.setattr("lrreg_utils.claims.table.CLAIMS", made_up)
    first, second = judge_claims()
    assert (first["effect"], first["interval"], first["verdict"]) == (None, None, "holds")
    assert (second["effect"], second["interval"]) == (5.0, [5.0, 5.0])
    assert first["measured"] == "5 ± 1; true: 2 of 2 seeds"
    assert second["measured"] == "5.0 [5.0, 5.0] % (bound ≥ 0); 5 ± 1; true: 2 of 2 seeds"
    judged = measure_claims()
    assert claims_table(judged, "paper").rows == [
        ("It is.",), ("x: true", "", "2 of 2 seeds", "holds"),
        ("x: true", "5.0 [5.0, 5.0] %", "2 of 2 seeds", "holds")]


@pytest.mark.parametrize(("verdicts", "shown"), [
    (["holds", "holds"], "● holds: 2 of 2 tests hold"),
    (["holds", "not reproduced"], "◑ in part: 1 of 2 tests hold, 1 not"),
    (["holds in part"], "○ in part: 0 of 1 tests hold, 1 partly"),
    (["holds"] * 9 + ["holds in part"], "◕ in part: 9 of 10 tests hold, 1 partly"),
    (["not reproduced"], "○ not here: 0 of 1 tests hold, 1 not"),
])
def test_several_verdicts_in_one(verdicts, shown):
    assert str(Tally(verdicts)) == shown and shown[0] in DISCS


def test_the_badge_of_a_page_comes_from_the_rows_of_its_claims(rows):
    assert {page for page, _ in PAPER} | {"photographs"} == set(PAGES)
    page_of = {claim: page for page, claims in PAPER for claim in claims}
    for page in PAGES:
        verdicts = [row["verdict"] for row in rows if row["group"] == "paper" and page == (
            "photographs" if row["experiment"] in PHOTOGRAPHS else page_of[row["claim"]])]
        assert badge(page) == str(Tally(verdicts))
    with pytest.raises(UserError, match="no page 'demo'; choose from puzzle, intuition,"):
        badge("demo")


def test_the_grid_has_every_row_of_the_paper_s_claims_once():
    judged = measure_claims()
    found = grid(judged)
    assert [name for name, _ in found.rows] == list(PAGES.values())
    for (_, cells), page in zip(found.rows, PAGES, strict=True):
        counts = [list(map(int, cell.count.split("/"))) for cell in cells if cell]
        held, tests = map(sum, zip(*counts, strict=True))
        assert (held, tests) == (counted(page).held, len(of_page(page)))
        behind = [row[1:] for cell in cells if cell for row in cell.rows if len(row) > 1]
        assert sorted(behind) == sorted(
            (str(one.effect or ""), one.met_in, one.judged) for _, one in of_page(page))
    own = {claim for page, claims in PAPER if page == "puzzle" for claim in claims}
    hidden = tally(found for _, claim, found in judged if claim in own and found.experiment == CENTRAL)
    first = found.rows[0][1][0]
    assert (first.symbol, first.word, first.count) == (hidden.disc, hidden.word, f"{hidden.held}/2")


def test_the_numbers_are_those_of_the_recorded_runs(rows):
    row = next(row for row in rows if row["experiment"] == "cifar-50k" and "wins" in row["claim"])
    ends = {name: np.array([run["test_clean_accuracy"][-1] for run in recorded("cifar-50k")
                            if run.config.schedule.name == name]) for name in ("large_lr", "small_lr")}
    gap = ends["large_lr"] - ends["small_lr"]
    assert f"{np.mean(gap):.1f} ±" in row["measured"]
    assert row["effect"] == pytest.approx(np.mean(gap)) and row["measured"].startswith(f"{Effect(gap)} (")


def test_the_command_prints_the_same_as_json_and_as_text(capsys, rows):
    assert main(["claims", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == rows
    assert main(["claims"]) == 0
    text = capsys.readouterr().out
    assert text.count(" in ") >= len(rows) and max(map(len, text.splitlines())) <= 100
    assert all(row["verdict"].upper() in text for row in rows)
    assert [text.count(f"{title}\n{'=' * len(title)}\n") for title in GROUPS.values()] == [1, 1, 1]
    assert "  HOLDS in hidden: 16.4 [14.1, 18.6] points (bound ≥ 8); gap with the patch" in text


def test_the_help_says_how_a_verdict_comes_about(capsys):
    assert main(["claims", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "95 % interval (Student's t)" in text and "the interval lies within the claim's bounds" in text
