"""The interactive figure: one text without imports, the toy's own numbers, and words that say who wins."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.interactive import modules, widgets
from lrreg_utils.results.study import recorded_study
from lrreg_utils.theory import toy
from lrreg_utils.theory import toy_study as toy_seeds

ROOT = Path(__file__).parents[2]
NODE = shutil.which("node") or shutil.which("nodejs")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed: apt-get install nodejs")
SMALL = replace(toy_seeds.PAGE, d=12, train_size=40, test_size=60, m1=8, m2=20)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What node finds with a small toy: 6 steps at the large rate of 10, a row every 2."""
    folder = tmp_path_factory.mktemp("figure")
    (folder / "figure.mjs").write_text(modules.module("schedule"), encoding="utf-8")
    choice = widgets.MODELS["schedule"]()["choice"] | {"anneal": 6, "steps": 10, "every": 2, "seed": 3}
    settings = toy.asdict(SMALL) | {"noise_std": SMALL.noise_std}
    (folder / "model.json").write_text(json.dumps({"settings": settings, "choice": choice}), encoding="utf-8")
    done = subprocess.run([NODE, Path(__file__).parent / "schedule_check.mjs", folder / "figure.mjs",
                           folder / "model.json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_node
@pytest.mark.parametrize(("name", "phases"), [("L-S", ((70.0, 6), (6.0, 4))), ("S", ((6.0, 10),))])
def test_the_figure_trains_the_toy(found, name, phases):
    right = toy.run(SMALL, 3, phases, 2)
    for column, values in right.items():
        here = [row[column] for row in found["rows"][name]]
        np.testing.assert_allclose(here, values, rtol=1e-6, err_msg=column)


@needs_node
def test_phases_follow_the_sliders(found):
    assert found["phases"] == [[[70, 600], [6, 600]], [[6, 1200]], [[70, 1200]], [[6, 1200]]]
    assert set(found["controls"]) == {"anneal", "large", "small", "seed", "noise", "with_q"}


@needs_node
def test_the_words_say_who_wins_and_when(found):
    assert found["render"] == "function"
    head = "After 75 steps, error on P alone: "
    ahead = "it is ahead for good from step 50 on. "
    assert found["verdicts"] == {
        "wins": f"{head}L-S 2.0 %, S 6.0 %. L-S wins; {ahead}"
                "Q: L-S learned by step 75, S learned by step 25.",
        "loses": f"{head}L-S 6.0 %, S 2.0 %. S wins; {ahead}"
                 "Q: L-S learned by step 25, S learned by step 75.",
        "equal": f"{head}L-S 6.0 %, S 6.0 %. Neither wins. "
                 "Q: L-S learned by step 25, S learned by step 25.",
        "noQ": f"{head}L-S 2.0 %, S 6.0 %. L-S wins; {ahead}No example shows Q.",
        "broken": "The training has blown up: choose a smaller rate.",
    }


@needs_node
def test_the_words_say_what_is_trained(found):
    assert found["plans"] == [
        "Training with seed 3: L-S at rate 70 up to step 6, then 6; S at 6 …",
        "Training with seed 3, no noise, no Q: L-S at rate 70 up to step 6, then 6; S at 6 …",
    ]


@needs_node
def test_what_is_known_reaches_as_far_as_the_phases_agree(found):
    earlier, same, later, other_rate, shorter, other_data = found["known"]
    assert earlier == [0, 25] and same == [0, 25, 50, 75] and later == [0, 25, 50]
    assert other_rate == [0] and shorter == [0, 25] and other_data == []


@needs_node
def test_the_chart_has_both_panels_and_room_for_its_largest_error(found):
    assert found["top"] == 10  # 9 is the largest after the start
    assert found["svg"].count("<polyline") == 6 and 'aria-label="words"' in found["svg"]
    assert 'viewBox="0 0 390 ' in found["svg"]


def test_one_text_without_imports():
    text = modules.module("schedule")
    assert "import" not in {line.split(" ")[0] for line in text.splitlines()}
    assert text.count("\nexport default { render };") == 1 and "function makeRng" in text
    page = widgets.page_html("schedule")
    assert page.count("</script>") == 1 and 'src="' not in page  # nothing to load
    with pytest.raises(UserError, match=f"'nothing' is unknown; there are {', '.join(widgets.MODELS)}"):
        widgets.page_html("nothing")


def test_the_first_schedule_is_the_recorded_one():
    model = widgets.MODELS["schedule"]()
    choice = model["choice"]
    assert {
        "L-S": ((choice["large"], choice["anneal"]), (choice["small"], choice["steps"] - choice["anneal"])),
        "S": ((choice["small"], choice["steps"]),),
    } == toy_seeds.PAGE_SCHEDULES
    assert model["settings"]["noise_std"] == toy_seeds.PAGE.noise_std


def test_without_anywidget_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(UserError, match="pip install anywidget"):
        widgets.interactive_figure("schedule")


def test_with_anywidget_the_figure_has_its_numbers():
    pytest.importorskip("anywidget")
    figure = widgets.interactive_figure("schedule")
    assert figure.choice == widgets.MODELS["schedule"]()["choice"]
    assert "export default { render };" in str(figure._esm)


def test_what_the_theory_s_page_says_about_the_recorded_results():
    """Against data/studies/toy-page.json, ten seeds."""
    runs = recorded_study("toy-page")["result"]["runs"]

    def gap(change=""):
        end = {name: np.mean([values[-1] for values in runs[name + change]["test_p_error"]])
               for name in ("S", "L-S")}
        return end["S"] - end["L-S"]

    assert 0.4 < gap(", control without Q") / gap() < 0.5  # "nearly half"
    assert gap(", 3600 steps") < gap()  # "it shrinks"
    assert min(toy_seeds.ratios(runs, "3600 steps")) < 1  # "in some seeds it turns around"
    assert min(toy_seeds.ratios(runs, "without injected noise")) > 1  # "L-S still wins"
    quiet = toy_seeds.late_large_phase(runs["L-S, without injected noise"], "test_q_only_error", 600)
    noisy = toy_seeds.late_large_phase(runs["L-S"], "test_q_only_error", 600)
    assert np.mean(quiet) < 5 and min(noisy) > 25  # "Q no longer waits"
    assert all(values[-1] == 0 for name in ("L-S", "S") for values in runs[name]["test_q_only_error"])


def test_recorded_results_are_those_of_the_page_s_settings():
    results = recorded_study("toy-page")
    assert results["seeds"] == list(range(10)) and results["result"]["anneal_step"] == 600
    short = toy.run(toy_seeds.PAGE, 0, [(toy_seeds.PAGE.small_rate, 50)])
    for column, values in short.items():
        recorded = results["result"]["runs"]["S"][column][0]
        np.testing.assert_allclose(recorded[:2], values, rtol=1e-3, atol=1e-3, err_msg=column)
