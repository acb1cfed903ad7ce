"""The two-time kernel in JavaScript is the theory's, and its words agree with it."""

import numpy as np
import pytest

from lrreg_utils.interactive import widgets
from lrreg_utils.theory import formulas
from lrreg_utils.theory.setting import Setting

TIMES = [0, 15, 30, 85, 200]  # places of the slider
FANS = [(rays, r, time) for rays in (3, 5) for r in (0.02, 0.05, 0.3) for time in TIMES]


def time_of(place: float) -> float:
    return 3 * (place / 200) ** 4


def outputs_of(rays: int, r: float, rho: float) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and what pulls that fit them through the frozen kernel give through that of rho."""
    fan = Setting(rays=rays, r=r)
    angles, labels = fan.angles.numpy(), fan.ray_labels.numpy()
    between = angles[:, None] - angles
    return labels, formulas.kernel(between, rho) @ np.linalg.solve(formulas.kernel(between, 1.0), labels)


def test_kernel_and_correlation_are_the_formulas(call):
    pairs = [(theta, rho) for theta in (-0.4, -0.05, 0.0, 0.3, 1.2) for rho in (0.05, 0.5, 0.9984, 1.0)]
    found = call("kernel", [("kernel", *pair) for pair in pairs])
    np.testing.assert_allclose(found, [formulas.kernel(*pair) for pair in pairs], rtol=1e-12)
    times = [time_of(place) for place in TIMES]
    np.testing.assert_allclose(call("kernel", [("timeOf", place) for place in TIMES]), times)
    found = call("kernel", [("correlation", time) for time in times])
    np.testing.assert_allclose(found, formulas.correlation(np.array(times)), rtol=1e-12)


def test_the_rays_get_the_outputs_of_python(call):
    rhos = {place: float(formulas.correlation(time_of(place))) for place in TIMES}
    found = call("kernel", [("answers", rays, r, rhos[place]) for rays, r, place in FANS])
    for here, (rays, r, place) in zip(found, FANS, strict=True):
        labels, outputs = outputs_of(rays, r, rhos[place])
        np.testing.assert_allclose(here["outputs"], outputs, atol=1e-6)
        assert here["right"] == (outputs * labels > 0).tolist()
        assert here["apart"] == pytest.approx(outputs[rays // 2] - outputs[rays // 2 + 1], abs=1e-6)
        assert place or all(here["right"])  # frozen, the pulls fit


def test_the_bend_is_that_of_three_angles(call):
    found = call("kernel", [("bend", 0.05, rho) for rho in (1.0, 0.9)])
    low, middle, high = formulas.kernel(np.array([-0.05, 0, 0.05]), 1.0)
    assert found[0] == pytest.approx(2 * middle - low - high, rel=1e-9)
    assert found[0] == pytest.approx(0.05 / np.pi, rel=0.1)  # a cusp: its slope is 1/(2 pi) on either side
    assert found[1] < found[0] / 5


@pytest.mark.parametrize("rays", [3, 5])
def test_the_narrowest_fan_is_where_the_last_ray_turns_right(call, rays):
    rhos = [float(formulas.correlation(time_of(place))) for place in TIMES]
    for rho, least in zip(rhos, call("kernel", [("narrowest", rays, rho) for rho in rhos]), strict=True):
        fits = [r for r in np.arange(0.001, 0.3005, 0.001)
                if (np.prod(outputs_of(rays, round(r, 6), rho), axis=0) > 0).all()]
        assert (least is None) == (not fits)
        assert not fits or least == pytest.approx(min(fits), abs=1e-3)
        np.testing.assert_allclose(np.diff(fits), 1e-3)  # all wider fans fit, too


def test_every_control_changes_the_words_and_the_picture(call):
    model = widgets.MODELS["kernel"]()
    first = {"time": 30, "r": model["r"], "rays": model["rays"]}
    choices = [first, first | {"time": 0}, first | {"time": 31}, first | {"time": 200}, first | {"r": 0.06},
               first | {"rays": 3}]
    words = call("kernel", [("verdict", choice) for choice in choices])
    pictures = call("kernel", [("figure", model, choice, 390, "words") for choice in choices])
    assert len(set(words)) == len(set(pictures)) == len(choices)
    assert words[1] == ("A step made now (ρ = 1) bends the outputs on rays 0.05 apart fully: 5 of 5 rays "
                        "come out right, and neighbours differ by 2.00. Rays at any angle can be told apart.")
    assert words[3].endswith("No 5 rays up to 0.3 apart can be told apart now.")


def test_the_fan_is_that_of_the_theory_s_page():
    model, setting = widgets.MODELS["kernel"](), Setting()
    assert (model["r"], model["rays"], model["directions"]) == (setting.r, setting.rays, setting.d)
    along, _, labels = np.array(model["p"]).T
    assert (along * labels >= 1 - 0.005).all()  # a margin of 1 on either side
