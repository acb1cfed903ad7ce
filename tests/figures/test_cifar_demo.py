"""The figure of the central experiment draws every mixture where its runs are."""

import numpy as np
import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.figures import cifar_demo as figures
from lrreg_utils.figures.histories import STYLES
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import INERT, WITH_PATCH, of_mixture, where


@pytest.fixture(scope="module")
def runs():
    return recorded("hidden")


@pytest.mark.parametrize("unit", ["accuracy", "loss"])
def test_both_rates_are_drawn_with_two_references_each(runs, unit):
    images, patches = figures.with_references(runs, unit).axes
    dotted = [line for line in images.lines if line.get_linestyle() == ":"]
    colors = [STYLES[name]["color"] for name in ("large_lr", "small_lr")]
    assert [line.get_color() for line in dotted] == 2 * colors
    inert = [run[f"test_clean_{unit}"] for run in where(of_mixture(runs, INERT), schedule="large_lr")]
    np.testing.assert_allclose(dotted[0].get_ydata(), np.mean(inert, 0))
    assert {text.get_text() for text in images.texts} == {
        "inert patch (dotted)", "image removed (dotted)", "large, annealed", "small", "anneal"}
    assert {text.get_text() for text in patches.texts} == {
        "large, annealed", "small", "large, never annealed", "anneal", "chance"}


def test_a_mixture_that_is_missing_is_named(runs):
    with pytest.raises(UserError, match="there is no run with inert patch"):
        figures.with_references(of_mixture(runs, WITH_PATCH))
