"""The table of ratios, on tiny timings: its sides compute the same, and its file has its form."""

import json

import pytest

from benchmarks import __main__ as bench
from benchmarks.rows import ROWS

SMALL = [row for row in ROWS if row.id in ("C1", "G1", "A1", "T1")]


@pytest.mark.parametrize("row", SMALL, ids=lambda row: row.id)
def test_both_sides_run_and_give_a_ratio(row, monkeypatch):
    monkeypatch.setattr(bench, "SECONDS", 0.0)  # one call of each side
    assert bench.measure(row, 1)["ratio"] > 0


def test_the_file_holds_what_was_measured(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench, "seconds", lambda side: 2.0)
    monkeypatch.setattr("sys.argv", ["benchmarks", "--rows", "C1", "L2", "--out", str(tmp_path / "b.json")])
    bench.main()
    content = json.loads((tmp_path / "b.json").read_text())
    assert set(content) == {"device", "versions", "date", "rows"}
    assert {"id", "ratio", "low", "high", "bar"} <= set(content["rows"][0])
    assert "L2  not measured: needs a GPU" in capsys.readouterr().out
