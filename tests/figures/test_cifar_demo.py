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
    (ax,) = figures.with_references(runs, unit).axes
    dotted = [line for line in ax.lines if line.get_linestyle() == ":"]
    colors = [STYLES[name]["color"] for name in ("large_lr", "small_lr")]
    assert [line.get_color() for line in dotted] == 2 * colors
    inert = [run[f"test_clean_{unit}"] for run in where(of_mixture(runs, INERT), schedule="large_lr")]
    np.testing.assert_allclose(dotted[0].get_ydata(), np.mean(inert, 0))
    assert {text.get_text() for text in ax.texts} == {
        "inert patch", "image removed", "large", "small", "anneal"}


def test_a_mixture_that_is_missing_is_named(runs):
    with pytest.raises(UserError, match="there is no run with inert patch"):
        figures.with_references(of_mixture(runs, WITH_PATCH))


def test_the_patches_of_photographs_are_enlarged_below_them():
    pictures = np.linspace(0, 1, 2 * 8 * 8 * 3).reshape(2, 8, 8, 3)
    rows = dict.fromkeys(("image", "image with patch", "patch alone"), pictures)
    figure = figures.photographs(rows, ["cat", "ship"], patch_size=3)
    below = figure.axes[-1].images[0].get_array()
    np.testing.assert_array_equal(below, pictures[1, :3, :3])
    assert [len(ax.patches) for ax in figure.axes] == [0, 0, 1, 1, 1, 1, 0, 0]
