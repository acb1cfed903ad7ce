"""Tuning tables: read and grouped, and what the page on settings says of the choices."""

from pathlib import Path

import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.experiments.sweep import load_sweep
from lrreg_utils.results import tuning as module
from lrreg_utils.results.tuning import best, by_setting, numbers, sweeps_table, tried, tuning

DATA = Path(__file__).parents[2] / "data"
NAMES = sorted(path.stem for path in (DATA / "tuning").glob("*.csv"))
ROWS = [{"rate": "0.1", "seed": "100", "end [%]": "50"}, {"rate": "0.1", "seed": "101", "end [%]": "60"},
        {"rate": "0.2", "seed": "100", "end [%]": ""}, {"rate": "0.2", "seed": "101", "end [%]": "56"}]


def test_rows_are_grouped_averaged_and_compared():
    assert list(by_setting(ROWS, "rate")) == [("0.1",), ("0.2",)]
    assert numbers(ROWS, "end [%]") == [50, 60, 56]
    table = tried(ROWS, ["rate"], ["end [%]"])
    assert table.head == ("rate", "seeds", "end [%]")
    assert table.rows == [("0.1", "2", "55.0 ± 7.1"), ("0.2", "2", "56.0")]
    assert best(ROWS, ["rate"], "end [%]") == ("0.2",)


def test_a_damaged_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "data_folder", lambda name: tmp_path)
    for text in ("a,b\n1,2\n3\n", "a,b\n1,2,3\n"):
        (tmp_path / "some.csv").write_text(text)
        with pytest.raises(UserError, match="another number of cells in line"):
            tuning("some")
    with pytest.raises(UserError, match="cannot be read"):
        tuning("none")


@pytest.mark.parametrize("name", NAMES)
def test_every_table_can_be_read_and_names_seeds_that_are_for_tuning(name):
    rows = tuning(name)
    assert rows
    if name == "digits-reported":  # the looks at reported seeds, which the page owns up to
        assert {row["seeds"] for row in rows} == {"0 1 2"}
    else:
        assert all(seed >= 100 for seed in numbers(rows, "seed"))


def test_every_sweep_has_a_row():
    files = sorted(DATA.glob("sweeps/*.toml"))
    assert [row[0] for row in sweeps_table().rows] == [path.stem for path in files]


def test_the_level_of_noise_on_the_digits_is_the_best_of_those_tried():
    chosen = experiment("digits").schedules["small_lr_noise"]
    level, until = best(tuning("digits-noise"), ["noise [std]", "noise until [epoch]"], "clean [%]")
    assert float(level) == chosen.noise == 0.8
    assert int(until) == 7  # the anneal of the setting on which it was tried
    assert chosen.noise_until == experiment("digits").anneal_epoch


def test_the_levels_for_plain_images_are_the_best_of_each_kind():
    plain = {run.schedule.noise_kind: run.schedule.noise
             for run in load_sweep(DATA / "sweeps" / "noise-kinds.toml")
             if run.shares.clean == 1 and run.schedule.noise}
    kinds = by_setting([row for row in tuning("noise-kinds") if row["kind"] in plain], "kind")
    assert len(kinds) == len(plain) == 4
    for (kind,), rows in kinds.items():
        (level,) = best(rows, ["level"], "clean at the end [%]")
        assert float(level) == plain[kind], kind


def test_the_strength_for_50k_images_is_the_one_that_only_the_small_rate_learned():
    end = {key: numbers(rows, "patch [%]")[-1]
           for key, rows in by_setting(tuning("cifar-50k"), "patch strength", "rate").items()}
    open_window = {strength for strength, _ in end
                   if end[strength, "0.1"] <= 20 and end[strength, "0.004"] >= 50}
    assert open_window == {str(experiment("small-50k").base.patch_strength)}


def test_the_rates_of_the_puzzles_are_the_best_and_the_worst_in_the_end():
    for name, sweep in (("puzzle-10k", "puzzle-10k"), ("puzzle-digits", "puzzle-rates")):
        rows = [row for row in tuning(name) if row["rate"] != "1.6"]  # does not train
        worst = min(by_setting(rows, "rate"), key=lambda rate: min(
            numbers([row for row in rows if row["rate"] == rate[0]], "end [%]")))
        rates = {run.schedule.initial_lr for run in load_sweep(DATA / "sweeps" / f"{sweep}.toml")}
        assert {float(*best(rows, ["rate"], "end [%]")), float(*worst)} == {max(rates), min(rates)}


def test_each_look_at_the_reported_seeds_missed_what_is_noted():
    criteria = {"gap": ("smallest gap [points]", lambda value: value < 10),
                "patch at the end": ("lowest patch at the end [%]", lambda value: value < 50),
                "patch before the anneal": ("highest patch before the anneal [%]", lambda value: value > 20)}
    for row in tuning("digits-reported"):
        missed = {name: [misses(value) for value in numbers([row], column)]
                  for name, (column, misses) in criteria.items()}
        noted = set(row["missed"].split("; "))
        assert noted <= set(criteria)
        assert {name for name, found in missed.items() if any(found)} <= noted
        assert not [name for name in noted if missed[name] == [False]]
