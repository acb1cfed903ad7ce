"""The theory's studies at a tiny size: what they hold, how they are kept, what they refuse."""

import json
import math
from dataclasses import replace

import pytest

from lrreg_utils.cli.main import main
from lrreg_utils.errors import UserError
from lrreg_utils.results import study as study_files
from lrreg_utils.results.study import recorded_study
from lrreg_utils.studies import finite_width as finite_studies
from lrreg_utils.studies import infinite_width as theory_sweeps
from lrreg_utils.studies import registry as studies
from lrreg_utils.studies.finite_width import finite, flips, slope, width
from lrreg_utils.studies.infinite_width import against_length, against_share, crossing, regime, separated
from lrreg_utils.studies.registry import NETWORKS, THEORY, Study, make_studies
from lrreg_utils.theory import separation
from lrreg_utils.theory.finite_width import FiniteWidthSettings
from lrreg_utils.theory.infinite_width import Phase
from lrreg_utils.theory.separation import LAM, RATIO
from lrreg_utils.theory.setting import Setting

SMALL = Setting(d=60, train_size=30, test_size=200, x1_scale=0.3, r=0.2)


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setattr(separation, "LAM", 64 * LAM)


COMMAND = "python -m lrreg_utils theory --study"


def test_separation_holds_the_tables_numbers_and_both_courses(fast):
    found = separated([100, 101], SMALL, 10.0)
    table = separation.separate([100, 101], SMALL, 10.0)
    assert {name: found[name] for name in table} == table
    for name, end in (("L-S", 3.25), ("S", 3.25)):
        course = found["course"][name]
        assert course["u"][0] == 0 and course["u"][-1] == pytest.approx(end)
        assert course["u"] == sorted(course["u"])
        assert len(course["q_only"]["loss"]) == len(course["u"])
    assert found["S, as long as L-S"]["p_test_error"] == pytest.approx(
        separation.train(SMALL, [100, 101], [Phase(3.25, RATIO)], 10.0)[0]["p_test_error"]
    )
    json.dumps(found, allow_nan=False)


def test_ratio_curves(fast, monkeypatch):
    monkeypatch.setattr(theory_sweeps, "SHARES", (0.5, 1.0))
    monkeypatch.setattr(theory_sweeps, "LENGTHS", (0.25, 0.5))
    share, length = against_share([100], SMALL, 5.0), against_length([100], SMALL, 10.0)
    assert [row["train_size"] for row in share["rows"]] == [30, 60]
    for found, step in ((share, 5.0), (length, 10.0)):
        _, end = separation.train(SMALL, [100], separation.WAYS["L-S"], step)
        assert found["rows"][0]["L-S"] == end["p_test_error"]


def test_regime_is_a_map_with_boundaries():
    small = Setting(d=40, train_size=30, test_size=1)
    found = regime([100, 101], small, angles=(0.02, 0.3), lams=(2e-3,))
    assert len(found["q_only_loss"]["large"][0]) == 2
    assert found["q_only_loss"]["small"][0][1] < found["q_only_loss"]["large"][0][1] < math.log(2)
    json.dumps(found, allow_nan=False)


def test_crossing_lies_between_neighbours():
    assert crossing((0.1, 0.4), (1.0, 0.0), 0.5) == pytest.approx(0.2)
    assert crossing((0.1, 0.4), (0.2, 0.1), 0.5) is None
    assert crossing((0.1, 0.4), (0.9, 0.8), 0.5) is None


def test_finite_compares_its_recipes():
    setting = replace(finite_studies.SETTING, d=40, train_size=40, test_size=100)
    recipes = {"a": FiniteWidthSettings(width2=40), "b": FiniteWidthSettings(width2=40, mirrored=False)}
    found = finite([1, 2], setting, recipes, (20, 20, 40))
    assert set(found["recipes"]) == {"a", "b"}
    assert "control_ratio" in found["recipes"]["a"] and "control_ratio" not in found["recipes"]["b"]
    assert len(found["recipes"]["a"]["course"]["S"]["u"]) == 21


def test_width_and_flips():
    found = width([1, 2], widths=(64, 512))
    assert found["slope"]["mirrored"] < -0.25 < found["slope"]["not mirrored"]
    here = flips([1, 2], FiniteWidthSettings(lam=8e-4), points=3)
    for rate in here.values():
        assert sum(rate["changed"][-1]) / 2 == pytest.approx(rate["predicted"][-1], abs=0.06)
    assert slope((1, 100), ([1.0], [0.1])) == pytest.approx(-0.5)


def test_a_study_is_made_once_with_its_provenance(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(THEORY, "width", Study(lambda seeds, keep: {"seen": list(seeds)}, range(2)))
    make_studies("width", tmp_path / "studies", THEORY, COMMAND)
    content = json.loads((tmp_path / "studies" / "width.json").read_text())
    assert (content["format"], content["version"], content["name"]) == ("lrreg-study", 1, "width")
    assert content["result"] == {"seen": [0, 1]} and content["seeds"] == [0, 1]
    assert content["command"] == "python -m lrreg_utils theory --study width"
    assert {"date", "versions", "device", "seconds", "threads", "commit"} <= set(content["provenance"])
    monkeypatch.setitem(THEORY, "width", Study(lambda seeds, keep: pytest.fail("made twice"), range(2)))
    assert main(["theory", "--study", "width", "--out", str(tmp_path / "studies")]) == 0
    assert "already there" in capsys.readouterr().out
    monkeypatch.setattr(study_files, "data_folder", lambda name: tmp_path / name)
    assert recorded_study("width") == content
    with pytest.raises(UserError, match="'nothing' is not recorded"):
        recorded_study("nothing")


def test_a_study_that_cannot_be_written(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    def fill_the_disk(seeds, keep):
        monkeypatch.setattr("os.fsync", full)
        return {}

    monkeypatch.setitem(THEORY, "width", Study(fill_the_disk, range(2)))
    with pytest.raises(UserError, match=r"output: .*width\.json cannot be written \(No space left"):
        make_studies("width", tmp_path, THEORY, COMMAND)
    assert not list(tmp_path.iterdir())
    assert main(["theory", "--out", str(tmp_path)]) == 2  # without a study nothing would go there


def test_all_goes_on_where_it_was(tmp_path, monkeypatch):
    made = []
    for name in THEORY:
        monkeypatch.setitem(
            THEORY, name, Study(lambda seeds, keep, name=name: made.append(name) or {}, range(1)))
    (tmp_path / "flips.json").write_text("{}")
    make_studies("all", tmp_path, THEORY, COMMAND)
    assert made == [name for name in THEORY if name != "flips"]
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(THEORY)


def test_an_unknown_study_is_refused(capsys, tmp_path):
    assert main(["theory", "--study", "nothing", "--out", str(tmp_path)]) == 2
    assert "study: must be one of" in capsys.readouterr().err
    with pytest.raises(UserError, match="not 'x'"):
        studies.make_studies("x", tmp_path, THEORY, COMMAND)


def test_the_command_study_makes_what_is_measured_of_networks(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(NETWORKS, "one", Study(lambda seeds, keep: {"seen": list(seeds)}, range(2)))
    assert main(["study", "one", "--out", str(tmp_path / "studies")]) == 0
    monkeypatch.setattr(study_files, "data_folder", lambda name: tmp_path / name)
    assert recorded_study("one")["command"] == "python -m lrreg_utils study one"
    assert main(["study", "width", "--out", str(tmp_path)]) == 2  # one of the theory's
    assert "study: must be one of" in capsys.readouterr().err
