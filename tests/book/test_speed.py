"""Bars, and two number formats that overlap in a known share of epochs."""

from dataclasses import replace

import pytest

from lrreg_utils import Schedule
from lrreg_utils.book import speed as claims
from lrreg_utils.book.check import check
from lrreg_utils.results.speed import Ratio

FASTER = Ratio("a processor", "L1", "loading", 12.0, 9.0, 13.0, 10.0, True, 7)
COST = Ratio("a processor", "G1", "sums", 1.0, 0.9, 1.02, 1.03, False, 7)


def test_bars_are_counted_by_median_and_by_round(capsys):
    found = claims.bars([FASTER, COST])
    assert found["median"].numbers == {"L1": "12.0", "G1": "1.0"}
    check(found)
    assert capsys.readouterr().out.splitlines() == [
        "recorded ratios: the median meets its bar: 2 of 2 ratios, holds",
        "recorded ratios: every round meets it: 1 of 2 ratios, holds in part"]


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
