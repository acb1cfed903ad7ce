"""Recorded speed ratios: read, judged and drawn."""

import dataclasses

import pytest

from lrreg_utils.figures.speed import plot_ratios
from lrreg_utils.results import speed as ratios
from lrreg_utils.results.speed import Ratio, median_and_range, ratio_table, recorded_ratios

FASTER = Ratio("a processor", "L1", "loading", 12.0, 9.0, 13.0, 10.0, True, 7)
COST = Ratio("a processor", "G1", "sums", 1.0, 0.9, 1.02, 1.03, False, 7)


def test_a_bar_is_met_by_the_median_and_in_every_round_by_the_worst():
    assert FASTER.met and not FASTER.met_in_every_round
    assert COST.met and COST.met_in_every_round
    assert not dataclasses.replace(COST, high=1.1).met_in_every_round
    assert not dataclasses.replace(FASTER, ratio=9.9).met


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
    assert [label.get_text() for label in ax.get_yticklabels()] == ["L1", "G1"]
    medians, bars = (line.get_xdata() for line in ax.lines[:2])
    assert list(medians) == [12.0, 1.0] and list(bars) == [10.0, 1.03]


def test_nothing_recorded_is_said(monkeypatch, tmp_path):
    from lrreg_utils.errors import UserError

    monkeypatch.setattr(ratios, "data_folder", lambda name: tmp_path)
    with pytest.raises(UserError, match="make bench"):
        recorded_ratios()
