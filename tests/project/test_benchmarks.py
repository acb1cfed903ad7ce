"""The table of ratios, on tiny timings: its sides compute the same, and its file has its form."""

from dataclasses import replace
from functools import partial

import pytest

from benchmarks import __main__ as bench
from benchmarks import gpu, rows
from lrreg_utils.results.study import load_study


@pytest.mark.parametrize(("id", "sides"), [
    ("C1", rows.step), ("G1", partial(rows.group_metrics, 256)), ("A1", partial(rows.trainer, 256)),
    ("T1", partial(rows.theory, 4)),
])
def test_both_sides_run_and_give_a_ratio(id, sides, monkeypatch):
    monkeypatch.setattr(bench, "SECONDS", 0.0)  # one call of each side
    (row,) = [row for row in rows.ROWS if row.id == id]
    assert bench.measure(replace(row, sides=sides), 1)["ratio"] > 0


def test_the_file_holds_what_was_measured(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench, "seconds", lambda side: 2.0)
    monkeypatch.setattr("sys.argv", ["benchmarks", "--rows", "C1", "L2", "--out", str(tmp_path / "b.json")])
    bench.main()
    content = load_study(tmp_path / "b.json")
    assert {"device", "versions", "date", "seconds", "commit"} <= set(content["provenance"])
    assert {"id", "ratio", "low", "high", "bar"} <= set(content["result"]["rows"][0])
    assert "L2  not measured: needs a GPU" in capsys.readouterr().out


def test_a_row_that_fails_costs_no_other(tmp_path, monkeypatch, capsys):
    def fail():
        raise RuntimeError("out of\nmemory")

    broken = [replace(row, sides=fail if row.id == "C1" else lambda: (int, int)) for row in rows.ROWS]
    monkeypatch.setattr(bench, "ROWS", broken)
    monkeypatch.setattr(bench, "seconds", lambda side: 2.0)
    monkeypatch.setattr(
        "sys.argv", ["benchmarks", "--rows", "C1", "T1", "--out", str(tmp_path / "b.json")])
    with pytest.raises(SystemExit, match="1 row failed: C1"):
        bench.main()
    assert [row["id"] for row in load_study(tmp_path / "b.json")["result"]["rows"]] == ["T1"]
    assert "C1  FAILED  RuntimeError: out of memory" in capsys.readouterr().out


@pytest.mark.parametrize("sides", [
    lambda: rows.loading(count=2000), lambda: gpu.epochs("wrn16-1", "cpu", 128, "float32"),
    lambda: gpu.stacked("cpu", 3, 2),
], ids=["L2", "E1", "T2"])
def test_rows_for_a_gpu_compute_the_same_on_both_sides(sides):
    """Each compares its sides before it gives them; here on a processor, at a small size."""
    above, below = sides()
    above(), below()


def test_a_share_of_the_product_rate_counts_the_same_operations_on_both_sides():
    """The paper's network takes 14.472 GFLOP an image; a product of n columns 2 * 8192 * 8192 * n."""
    columns = round(gpu.FLOP["wrn16-10"] * 16 * 128 / (2 * gpu.SIDE**2))
    assert columns * 2 * 8192**2 == pytest.approx(16 * 128 * 14.472e9, rel=1e-5)
