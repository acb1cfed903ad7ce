"""The explorer shows what was recorded, and the nearest of it, by name."""

import json
import math
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import lrreg_utils as lr
from lrreg_utils.interactive import modules, widgets

HERE = Path(__file__).parent
NODE = shutil.which("node") or shutil.which("nodejs")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: apt-get install nodejs")
COLUMNS = {"image": "test_clean_accuracy", "patch": "test_patch_only_accuracy"}
LOWER = 0.016
EXPERIMENTS = {"digits": "small", "hidden": "hidden-128"}


@pytest.fixture(scope="module")
def model():
    return widgets.MODELS["explorer"]()


@pytest.fixture(scope="module")
def found(tmp_path_factory, model):
    folder = tmp_path_factory.mktemp("explorer")
    (folder / "figure.mjs").write_text(modules.module("explorer"), encoding="utf-8")
    (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")
    done = subprocess.run([NODE, HERE / "explorer_check.mjs", folder / "figure.mjs", folder / "model.json"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def runs_of(setting: dict) -> list:
    """A setting's runs, found by what their columns say of the rate, not by their schedules."""
    def anneal(run):
        rates = run["lr"]
        return None if rates.min() == rates.max() else int(np.argmax(rates < rates[0])) + 1

    return [run for run in lr.recorded(setting["source"])
            if run.config.model == EXPERIMENTS[setting["network"]]
            and run.config.patch_strength == setting["strength"] and run.config.shares.both > 0
            and run["lr"][0] == setting["rate"] and anneal(run) == setting["anneal"]
            and not run["noise_std"].any() and not run.config.reset_lengths and run.config.initial_scale == 1]


def test_every_number_is_that_of_the_recording(model):
    for setting in model["settings"]:
        runs = runs_of(setting)
        assert len(runs) == setting["seeds"] >= 3
        assert len({run.config.seed for run in runs}) == len(runs)
        for pattern, column in COLUMNS.items():
            each = np.array([run[column] for run in runs])
            np.testing.assert_allclose(setting[pattern], each.mean(0), atol=0.0501)
            first = [int(np.argmax(one >= 50)) + 1 if one.max() >= 50 else None for one in each]
            assert setting["half"][pattern] == first


def test_every_recorded_run_of_the_two_networks_is_there_once(model):
    keys = [(one["network"], one["strength"], one["rate"], one["anneal"]) for one in model["settings"]]
    assert len(set(keys)) == len(keys)
    there = {(one["network"], one["source"]) for one in model["settings"]}
    for run in lr.recorded("anneal-epoch"):
        anneal = (*run.config.schedule.anneal_epochs, None)[0]
        assert ("digits", 1.4, run.config.schedule.initial_lr, anneal) in keys
    assert ("hidden", "hidden-lengths") in there and ("hidden", "hidden-rates") in there
    assert all(network["lower"] == LOWER for network in model["networks"].values())
    assert len(json.dumps(model, separators=(",", ":"))) < 60_000


def distance(setting: dict, asked: dict, epochs: int) -> float:
    epoch, there = (epochs + 1 if value in (None, "never") else value
                    for value in (asked["anneal"], setting["anneal"]))
    if setting["rate"] == LOWER:
        return min(abs(math.log2(asked["rate"] / LOWER)), math.log2(epoch))
    return math.hypot(math.log2(asked["rate"] / setting["rate"]), math.log2(epoch / there))


@needs_node
def test_what_is_shown_is_the_nearest_recorded_setting_and_named(model, found):
    exact = set()
    for one in found["shown"]:
        asked, setting = one["asked"], model["settings"][one["place"]]
        assert (setting["network"], setting["strength"]) == (asked["network"], asked["strength"])
        epochs = model["networks"][asked["network"]]["epochs"]
        far = [distance(other, asked, epochs) for other in model["settings"]
               if (other["network"], other["strength"]) == (asked["network"], asked["strength"])]
        assert distance(setting, asked, epochs) == pytest.approx(min(far), abs=1e-9)
        assert one["exact"] == (min(far) < 1e-9) == ("Not recorded" not in one["words"])
        if one["exact"]:
            exact.add(one["place"])
        said = (setting["source"], f"{setting['seeds']} seeds", f"rate {setting['rate']:g}",
                f"strength {setting['strength']:g}", f"end {setting['image'][-1]:.1f} %",
                f"{setting['patch'][-1]:.1f} % of patches")
        assert all(words in one["words"] for words in said)
    assert exact == set(range(len(model["settings"])))  # sliders reach every recorded setting


@needs_node
def test_one_epoch_is_enough(found):
    """From the run at the lower rate to one epoch at the large rate is one step of the slider."""
    large = {"network": "digits", "strength": 1.4, "rate": 0.4}
    words = {one["asked"]["anneal"]: one["words"] for one in found["shown"]
             if one["asked"] | large == one["asked"]}
    mean = {anneal: np.mean([run.at("test_clean_accuracy", -1) for run in runs]) for anneal, runs in (
        (1, lr.where(lr.recorded("digits-rates"), schedule="constant_0.016")),
        (2, lr.where(lr.recorded("anneal-epoch"), schedule__anneal_epochs=(2,))))}
    assert "rate 0.016 from the start" in words[1] and f"end {mean[1]:.1f} %" in words[1]
    points = float(re.search(r"([\d.]+) points above rate 0.016 from the start", words[2])[1])
    assert points == pytest.approx(mean[2] - mean[1], abs=0.11) and points > 10


@needs_node
def test_when_half_are_recognized_in_words(found):
    assert found["when"] == ["epoch 3", "epochs 4 to 9", "epochs 7 to 9, or never (1 of 3 seeds)", "never"]


@needs_node
def test_the_picture_has_both_runs_and_a_map_of_all_settings(model, found):
    assert found["start"] == {"network": "digits", "strength": 1.4, "digits-rate": 0.4, "digits-anneal": 9,
                              "hidden-rate": 0.3, "hidden-anneal": 10}
    assert found["curves"].count("<polyline") == 4 and 'aria-label="words"' in found["curves"]
    assert set(found["controls"]) == set(found["start"])
    rates, anneals = 7, 10
    assert found["map"].count('class="cell"') == rates * anneals
    shown = [one for one in found["shown"] if one["asked"]["network"] == "digits"
             and one["asked"]["strength"] == 1.4]
    assert found["map"].count('class="in-image"') == sum(one["exact"] for one in shown)
    assert found["marks"].count("<rect") == 1 and found["farMarks"].count("<rect") == 2
