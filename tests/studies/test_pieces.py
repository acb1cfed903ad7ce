"""A study may be killed at any moment: what it ends with is what an unstopped one ends with."""

import json
import subprocess
import sys
from dataclasses import replace
from unittest.mock import Mock

import pytest

from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.images.patches import BOTH, CLEAN, PATCH_ONLY
from lrreg_utils.studies import convexity, infinite_width, registry
from lrreg_utils.studies.finite_width import flips
from lrreg_utils.studies.infinite_width import against_length, against_share, regime
from lrreg_utils.studies.pieces import Pieces
from lrreg_utils.studies.preactivations import Probe, noise_study
from lrreg_utils.studies.registry import Study, make_studies
from lrreg_utils.theory import separation
from lrreg_utils.theory.finite_width import FiniteWidthSettings
from lrreg_utils.theory.setting import Setting

# Five pieces, each a line of a log; in the third the process is killed the first time
DRIVER = """
import os, signal, sys
from pathlib import Path
from lrreg_utils.studies.registry import Study, make_studies

def work(seed, log):
    with log.open("a") as target:
        target.write(f"{seed} ")
    if seed == 2 and log.read_text().count("2") == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return (seed, seed / 3)

def study(seeds, keep):
    return {"rows": [keep(f"piece-{seed}", work, seed, folder / "log") for seed in seeds]}

folder = Path(sys.argv[1])
make_studies("one", folder, {"one": Study(study, range(5))}, "make")
"""

QUICK = convexity.ConvexitySetting(width=8, epochs=3, anneal_epoch=2, most=100, network_tolerance=1e-2)


def test_a_killed_study_goes_on_with_the_piece_it_was_in(tmp_path):
    command = [sys.executable, "-c", DRIVER, str(tmp_path)]
    assert subprocess.run(command, capture_output=True).returncode == -9
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "one.pieces"]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "log").read_text() == "0 1 2 2 3 4 "
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "one.json"]
    result = json.loads((tmp_path / "one.json").read_text())["result"]
    assert result == {"rows": [[seed, seed / 3] for seed in range(5)]}


@pytest.fixture
def stopped(tmp_path):
    """A study of two pieces that was stopped in the second; gives what makes it, and what was worked on."""
    worked = []

    def work(seed):
        worked.append(seed)
        if worked == [0, 1]:
            raise KeyboardInterrupt
        return seed

    def make():
        run = Study(lambda seeds, keep: [keep(str(seed), work, seed) for seed in seeds], range(2))
        make_studies("one", tmp_path, {"one": run}, "make")
        return json.loads((tmp_path / "one.json").read_text())

    with pytest.raises(KeyboardInterrupt):
        make()
    return make, worked


def test_the_time_of_every_process_is_counted(stopped, tmp_path):
    make, worked = stopped
    (piece,) = tmp_path.glob("one.pieces/*/0.json")
    piece.write_text(json.dumps({"seconds": 1000.0, "result": 0}))
    content = make()
    assert worked == [0, 1, 1] and content["result"] == [0, 1]
    assert 1000 <= content["provenance"]["seconds"] < 1100


def test_pieces_of_other_code_are_not_used(stopped, tmp_path, monkeypatch):
    make, worked = stopped
    monkeypatch.setattr(registry, "code_id", lambda machine: "other")
    assert make()["result"] == [0, 1] and worked == [0, 1, 0, 1]
    assert not (tmp_path / "one.pieces").exists()


def test_a_piece_that_is_not_whole_is_made_again(stopped, tmp_path):
    make, worked = stopped
    (piece,) = tmp_path.glob("one.pieces/*/0.json")
    piece.write_text('{"seconds": 1')
    assert make()["result"] == [0, 1] and worked == [0, 1, 0, 1]


def test_pieces_that_are_read_give_the_same_study(tiny, tmp_path, monkeypatch):
    """No two pieces have one key."""
    monkeypatch.setattr(separation, "LAM", 64 * separation.LAM)
    monkeypatch.setattr(infinite_width, "SHARES", (0.5, 1.0))
    monkeypatch.setattr(infinite_width, "LENGTHS", (0.25,))
    monkeypatch.setattr(Probe.__init__, "__defaults__", ({CLEAN: 5, PATCH_ONLY: 4, BOTH: 16},))
    setting = Setting(d=60, train_size=30, test_size=50, x1_scale=0.3, r=0.2)
    base = replace(tiny, schedule=Schedule("constant", 0.05))
    studies = {
        "share": lambda keep: against_share([0], setting, 10.0, keep),
        "length": lambda keep: against_length([0], setting, 10.0, keep),
        "regime": lambda keep: regime([0], replace(setting, test_size=1), (0.02, 0.3), (2e-3, 4e-3), keep),
        "flips": lambda keep: flips([0], FiniteWidthSettings(lam=8e-4), points=2, keep=keep),
        "noise": lambda keep: noise_study([0, 1], (0.01,), (1,), (1,), base, keep),
        "convexity": lambda keep: convexity.convexity([0, 1], QUICK, ("pixels",), keep=keep),
    }
    for name, study in studies.items():
        calls = Mock(side_effect=Pieces(tmp_path / name))
        whole = study(calls)
        keys = [call.args[0] for call in calls.call_args_list]
        assert len(set(keys)) == len(keys) > 1, name
        again = Pieces(tmp_path / name)
        monkeypatch.setattr(again, "_make", lambda *arguments: pytest.fail("made twice"))
        assert study(again) == whole, name
