"""The home page's figure finds what the recorded experiment found, and its words agree with its curves."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import lrreg_utils as lr
from lrreg_utils.interactive import modules, widgets

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / "lrreg_utils" / "interactive" / "training"
NODE = shutil.which("node") or shutil.which("nodejs")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: apt-get install nodejs")
SEEDS = 10


def node(script: str, *arguments) -> dict:
    done = subprocess.run([NODE, HERE / script, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the figure's own functions say."""
    folder = tmp_path_factory.mktemp("hero")
    paths = []
    for name in ("hero", "training/race", "training/dots"):
        paths.append(folder / f"{Path(name).name}.mjs")
        paths[-1].write_text(modules.module(name), encoding="utf-8")
    return node("hero_check.mjs", *paths)


@needs_node
def test_ten_seeds_find_what_the_recorded_ones_found():
    """By draws of their own: who leads before the anneal, who wins, and when each recognizes the patch."""
    trained = {name: np.array(marks) for name, marks in node("race_check.mjs", MODULES, SEEDS).items()}
    lead, patch, end = 0, 1, 3
    large, small = trained["large"], trained["small"]
    agree = {
        "the small rate leads before the anneal": small[:, lead] > large[:, lead],
        "the large rate wins": large[:, end] > small[:, end],
        "the small rate recognizes the patch first": (small[:, patch] >= 50) & (large[:, patch] <= 35),
    }
    assert {name: int(seeds.sum()) for name, seeds in agree.items() if seeds.sum() < SEEDS - 1} == {}
    for name, marks in trained.items():
        recorded = [run["test_clean_accuracy"] for run in central_runs(name)]
        for place, epoch in ((lead, 8), (end, 89)):
            there = [curve[epoch] for curve in recorded]
            assert abs(marks[:, place].mean() - np.mean(there)) < np.std(there, ddof=1), (name, epoch)
        by_image, by_patch, by_both = marks[:, end:].mean(0)
        assert by_both == pytest.approx(by_image * by_patch / 100, abs=1), name  # as dots of percentages


def central_runs(name: str) -> list:
    wanted = {lr.experiment("hidden").config(f"{name}_lr", seed).id for seed in range(SEEDS)}
    return [run for run in lr.recorded("hidden") if run.config.id in wanted]


def test_the_first_curves_are_the_recorded_means():
    model = widgets.MODELS["hero"]()
    for name, curve in model["recorded"].items():
        mean = np.mean([run["test_clean_accuracy"] for run in central_runs(name)], axis=0)
        np.testing.assert_allclose(curve, mean, atol=0.051)
        patches = np.mean([run.at("test_patch_only_accuracy", -1) for run in central_runs(name)])
        assert model["patches"][name] == pytest.approx(patches, abs=0.0051)
    assert "export " not in model["training"] and "import " not in model["training"]


@needs_node
def test_the_words_agree_with_the_curves(found):
    assert found["verdicts"] == {
        "wins": "Lowered at epoch 10, the large rate ends at 76 %, 18 points above the small one. "
                "Just before that, it was 9 points behind.",
        "level": "Lowered at epoch 10, the large rate ends at 77 %, level with the small one. "
                 "Here the patch says nothing about the class.",
        "never": "Never lowered, the large rate ends at 59 %, 1 point below the small one.",
        "loses": "Lowered at epoch 10, the large rate ends at 60 %, 1 point below the small one. "
                 "Just before that, it was 1 point ahead.",
    }


@needs_node
def test_the_recorded_dots_are_as_many_as_the_percentages_say(found):
    assert found["known"] == [3, 22, 47, 428]  # by neither, by the image, by the patch, by both


@needs_node
def test_another_anneal_needs_only_the_epochs_after_it(found):
    rows = [sizes[:2] for sizes in found["moved"]]
    assert found["sizes"][-1] == [4, 0, 3, 1] and len(found["accuracy"]) == 4
    assert rows[0] == [0, 2]  # both epochs at the large rate are there; the third is trained
    assert rows[-1] == [0, 4] and found["back"] == found["accuracy"]  # back again: nothing is trained twice
    assert found["paused"] == 0
