"""Speed ratios: read, judged and drawn; and two number formats that overlap in a known share of epochs."""

from dataclasses import replace

import pytest

from lrreg_utils import Schedule
from lrreg_utils.book import speed as claims
from lrreg_utils.book.speed import Ratio, median_and_range, ratio_table, recorded_ratios
from lrreg_utils.book.verdicts import judge
from lrreg_utils.errors import UserError
from lrreg_utils.figures.speed import plot_formats, plot_ratios
from lrreg_utils.results.recording import recorded

FASTER = Ratio("a processor", "L1", "loading", 12.0, 9.0, 13.0, 10.0, True, 7)
COST = Ratio("a processor", "G1", "sums", 1.0, 0.9, 1.02, 1.03, False, 7)


def test_bars_are_counted_by_median_and_by_round():
    found = claims.bars([FASTER, COST])
    assert found["median"].numbers == {"L1": "12", "G1": "1"}
    assert judge(found).table.rows == [
        ("recorded ratios: the median meets its bar", "2 of 2 ratios", "holds"),
        ("recorded ratios: every round meets it", "1 of 2 ratios", "holds in part")]


@pytest.fixture
def runs(make_history):
    """Ranges over seeds: images 0 to 1 in both formats; patches apart in the last of four epochs."""
    def run(precision, seed):
        patch = [seed, seed, seed, 9 * (precision == "float32") + seed]
        history = make_history(Schedule("large_lr", 0.1), seed, test_clean_accuracy=[seed] * 4,
                               test_patch_only_accuracy=patch)
        return replace(history, config=replace(history.config, precision=precision))

    return [run(precision, seed) for precision in ("float32", "bfloat16") for seed in (0, 1)]


def test_formats_overlap_where_their_ranges_meet(runs):
    assert list(claims.overlaps(runs).values()) == [100, 75]
    assert claims.overlap_table(runs).rows[1] == ("large_lr", "test_patch_only_accuracy", "75 %")
    found = claims.formats_agree(runs)
    assert found.met == [True, False] and found.counted == "curves"


def test_a_continued_run_is_compared_number_by_number(make_history):
    whole, other = make_history(), make_history(lr=[0.0, 0.0, 0.0, 0.0])
    assert claims.same_history(make_history(), whole).verdict == "holds"
    assert claims.same_history(other, whole).verdict == "not reproduced"


def test_a_bar_is_met_by_the_median_and_in_every_round_by_the_worst():
    assert FASTER.met and not FASTER.met_in_every_round
    assert COST.met and COST.met_in_every_round
    assert not replace(COST, high=1.1).met_in_every_round
    assert not replace(FASTER, ratio=9.9).met


def test_every_recorded_ratio_has_five_rounds_and_lies_between_its_extremes():
    found = recorded_ratios()
    assert found
    assert all(one.low <= one.ratio <= one.high and one.rounds >= 5 for one in found)


def test_table_has_a_line_for_each():
    lines = str(ratio_table([FASTER, COST])).splitlines()
    assert len(lines) == 4 and lines[3] == "a processor, 7 rounds, one thread"
    assert "12.00" in lines[1] and ">= 10" in lines[1]
    assert "<= 1.03" in lines[2]


def test_rounds_are_said_by_their_median():
    assert median_and_range([2.0, 9.4, 3.0]) == "3 times as long (lowest 2, highest 9)"


def test_figure_shows_medians_and_bars():
    ax = plot_ratios([FASTER, COST]).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["load a batch", "sums by group"]
    medians, bars = (line.get_xdata() for line in ax.lines[:2])
    assert list(medians) == [12.0, 1.0] and list(bars) == [10.0, 1.03]


def test_nothing_recorded_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(claims, "data_folder", lambda name: tmp_path)
    with pytest.raises(UserError, match="make bench"):
        recorded_ratios()


def test_each_format_is_a_line_of_its_rate():
    lines = plot_formats(recorded("precision"), "test_clean_accuracy").axes[0].lines
    assert [line.get_label() for line in lines if not line.get_label().startswith("_")] == [
        "large, 32 bits", "large, 16 bits", "small, 32 bits", "small, 16 bits"]
