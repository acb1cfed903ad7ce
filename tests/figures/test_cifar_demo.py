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


def test_each_seed_has_its_gap_with_the_patch_and_without():
    found = {"digits": {WITH_PATCH: [16.0, 18.0], INERT: [1.0, 2.0]},
             "photographs": {WITH_PATCH: [8.0], INERT: [4.0]}}
    (ax,) = figures.gaps(found).axes
    drawn = [list(line.get_xdata()) for line in ax.lines]
    assert drawn[:4] == [[16.0, 18.0], [17.0], [1.0, 2.0], [1.5]]
    assert [text.get_text() for text in ax.texts] == [WITH_PATCH, INERT]
    assert [label.get_text() for label in ax.get_yticklabels()] == list(found)
    assert ax.yaxis_inverted()


@pytest.mark.parametrize("shape", [(2, 8, 8), (2, 8, 8, 3)])
def test_the_patches_of_images_are_enlarged_beside_them(shape):
    pictures = np.linspace(0, 1, np.prod(shape)).reshape(shape)
    figure = figures.groups([pictures] * 3, ["cat", "ship"], patch_size=3)
    np.testing.assert_array_equal(figure.axes[-1].images[0].get_array(), pictures[1, :3, :3])
    assert [len(ax.patches) for ax in figure.axes] == 2 * [0, 1, 1, 0]
