"""The formulas of one parameter, against simulation, and against each other."""

import numpy as np
import pytest

from lrreg_utils.errors import UserError
from lrreg_utils.problems.noisy_parameter import (
    descend,
    rippled,
    rippled_slope,
    stationary_std,
    visibility,
)


def test_by_hand():
    assert stationary_std(1.0) == pytest.approx(1)  # theta is then -xi alone
    assert stationary_std(0.4, 1.0, 2.0) == pytest.approx(1)  # 0.4 * 4 / 1.6
    assert stationary_std(0.5, 2.0) == pytest.approx(0.5)  # theta is then -xi/2
    assert visibility(2.0, 0.5) == pytest.approx(np.exp(-0.5))


@pytest.mark.parametrize("lr, curvature", [(0.05, 1.0), (0.5, 1.0), (1.6, 1.0), (0.3, 3.0)])
def test_the_spread_is_that_of_simulation(lr, curvature):
    rng = np.random.default_rng(0)
    path = descend(lambda theta: curvature * theta, [lr] * 400, np.zeros(20_000), rng, sigma=1.5)
    assert path[-1].std() == pytest.approx(stationary_std(lr, curvature, 1.5), rel=0.02)
    assert path[-1].mean() == pytest.approx(0, abs=0.05)


def test_without_noise_it_is_gradient_descent():
    path = descend(lambda theta: theta, [0.5, 0.1], np.array([8.0]), np.random.default_rng(0), sigma=0.0)
    assert path[:, 0] == pytest.approx([8, 4, 3.6])


def test_beyond_the_stable_rate_there_is_no_spread():
    for lr in (0.0, 2.0, np.array([0.5, 2.5])):
        with pytest.raises(UserError, match="between 0 and 2"):
            stationary_std(lr)


def test_a_ripple_is_averaged_away_as_the_formula_says():
    mu = np.linspace(-1, 1, 41)
    drawn = np.cos(6 * (mu + 0.25 * np.random.default_rng(0).standard_normal((40_000, 1)))).mean(0)
    assert drawn == pytest.approx(visibility(6.0, 0.25) * np.cos(6 * mu), abs=0.02)


def test_the_slope_is_the_derivative():
    theta = np.linspace(-2, 2, 9)
    by_difference = (rippled(theta + 1e-6, 0.1, 7.0) - rippled(theta - 1e-6, 0.1, 7.0)) / 2e-6
    assert rippled_slope(theta, 0.1, 7.0) == pytest.approx(by_difference, abs=1e-6)
