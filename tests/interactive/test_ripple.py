"""The rippled bowl in the browser trains as the package's does, and spreads as far as the formula says."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from lrreg_utils.interactive import modules, widgets
from lrreg_utils.problems import noisy_parameter
from lrreg_utils.theory.counter_rng import Portable

HERE = Path(__file__).parent
NODE = shutil.which("node") or shutil.which("nodejs")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed: apt-get install nodejs")
FIRST = widgets.MODELS["ripple"]()["first"]
CALM = FIRST | {"rate": 0.005}
COURSES = [  # through an anneal; a taller, finer ripple; less noise
    [(FIRST, 200), (CALM, 300)],
    [(FIRST | {"rate": 0.05, "height": 0.02, "k": 30}, 300)],
    [(FIRST | {"rate": 0.1, "sigma": 0.3}, 150), (FIRST | {"rate": 0.3, "k": 10}, 50)],
]
SETTLED = [FIRST | {"height": 0, "rate": rate, "sigma": sigma}
           for rate in (0.005, 0.05, 0.2, 0.3) for sigma in (0.5, 1.0)]
TOLD = [
    (FIRST, None), (FIRST, {"spread": 0.3371, "felt": -0.004}), (CALM, {"spread": 0.0412, "felt": 0.874}),
    (FIRST | {"height": 0}, {"spread": 0.333, "felt": 0.0}), (FIRST, {"spread": 0.42, "felt": 0.01}),
]


class Numbers(Portable):
    """The portable numbers where `descend` asks for NumPy's."""

    standard_normal = Portable.normal


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ripple")
    (folder / "figure.mjs").write_text(
        modules.module("ripple") + "\nexport { begin, advance, measured, stepsToSettle };", encoding="utf-8")
    asked = widgets.MODELS["ripple"]() | {"courses": COURSES, "settled": SETTLED, "told": TOLD}
    (folder / "model.json").write_text(json.dumps(asked), encoding="utf-8")
    done = subprocess.run([NODE, HERE / "ripple_check.mjs", folder / "figure.mjs", folder / "model.json"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("place", range(len(COURSES)))
def test_the_browser_takes_the_package_s_steps(found, place):
    training = widgets.MODELS["ripple"]()["training"]
    theta, numbers = np.full(51, training["start"]), Numbers(training["seed"])
    for choice, steps in COURSES[place]:
        theta = noisy_parameter.descend(
            lambda at, choice=choice: noisy_parameter.rippled_slope(at, choice["height"], choice["k"]),
            [choice["rate"]] * steps, theta, numbers, choice["sigma"])[-1]
    np.testing.assert_allclose(found["courses"][place], theta, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("place", range(len(SETTLED)))
def test_the_spread_is_the_formula_s_within_its_sampling_error(found, place):
    """Neighbouring steps correlate by 1 - rate, their squares by its square: not all are independent."""
    measured, expected, steps = found["settled"][place]
    choice, training = SETTLED[place], widgets.MODELS["ripple"]()["training"]
    std = noisy_parameter.stationary_std(choice["rate"], 1.0, choice["sigma"])
    felt = noisy_parameter.visibility(choice["k"], std)
    assert (expected["spread"], expected["felt"]) == pytest.approx((std, felt), rel=1e-12)
    squares, window = (1 - choice["rate"]) ** 2, training["window"]
    independent = training["copies"] * max(1, window * (1 - squares) / (1 + squares))
    assert abs(measured["spread"] / std - 1) < 3.5 / np.sqrt(2 * independent)
    assert measured["felt"] == pytest.approx(felt, abs=3.5 / np.sqrt(2 * independent))
    assert steps < 1201 and (1 - choice["rate"]) ** (2 * steps) < 1e-5  # the start is forgotten


def test_the_words_say_both_spreads_and_what_is_felt(found):
    by_formula = "(0.333 by the formula of the bowl)"
    after = "After 1,200 steps, the spread of 1,000 copies is"
    assert found["told"] == [
        "Training … Spread: 0.333 by the formula of the bowl, which leaves 0 % of the ripple.",
        f"{after} 0.337 {by_formula}. Of the ripple, 0 % is felt (formula: 0 %).",
        f"{after} 0.041 (0.050 by the formula of the bowl). Of the ripple, 87 % is felt (formula: 61 %). "
        "The ripple's own slope gathers the copies in its valleys.",
        f"{after} 0.333 {by_formula}. There is no ripple to feel.",
        f"{after} 0.420 {by_formula}. Of the ripple, 1 % is felt (formula: 0 %). "
        "The ripple's slope throws the copies further than the bowl would.",
    ]


def test_the_pictures_numbers(found):
    histogram = np.array(found["histogram"])
    assert histogram.sum() / len(histogram) == pytest.approx(4 / 6)  # of six, four lie on the axis
    assert histogram[0] == pytest.approx(2 / 6 * len(histogram))
    theta = np.array(found["theta"])
    assert found["felt"] == pytest.approx(abs(np.exp(20j * theta).mean()))
    assert found["picture"].count("<polyline") == 4 and 'aria-label="words"' in found["picture"]
    assert [control["name"] for control in found["controls"]] == ["rate", "k", "height", "sigma"]


def test_the_first_choice_is_the_chapter_s():
    """Its figure is drawn with the same ripple, at the same two rates."""
    chapters = "".join(path.read_text(encoding="utf-8") for path in
                       (HERE.parents[1] / "chapters").rglob("*.ipynb"))
    ripple, rates = noisy_parameter.RIPPLE, noisy_parameter.RATES
    assert f"height, k = {ripple['height']}, {ripple['k']}" in chapters or "one_parameter.RIPPLE" in chapters
    written = json.dumps(rates).replace('"', '\\"')
    assert f"plot_rippled({written}" in chapters or "one_parameter.RATES" in chapters
    assert FIRST["rate"] == rates["large_lr"] and rates["small_lr"] in widgets.MODELS["ripple"]()["rates"]
