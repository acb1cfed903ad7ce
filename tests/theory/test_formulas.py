"""The theory's formulas against integrals, simulation and the series that the integrator uses."""

import math

import numpy as np
import pytest

from lrreg_utils.theory.formulas import (
    averaged_kernel,
    changed,
    correlation,
    kernel,
    large_rate_boundary,
    small_rate_boundary,
)
from lrreg_utils.theory.infinite_width import bin_weights, clock


@pytest.mark.parametrize("ratio", [1.0, 4.0, 1e9])
@pytest.mark.parametrize("u", [0.01, 0.5, 2.0])
def test_correlation_is_the_integrators_clock(ratio, u):
    lam = 1e-4
    assert correlation(u, ratio) == pytest.approx(math.exp(-clock(lam, ratio, u / lam)))


def test_small_rate_keeps_its_patterns_and_the_large_one_loses_them():
    assert correlation(3.0, 1e9) == pytest.approx(1, abs=1e-6)
    assert correlation(3.0) == pytest.approx(math.exp(-3))


@pytest.mark.parametrize("rho", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("theta", [0.0, 0.4])
def test_kernel_is_the_chance_to_be_active_together(rho, theta):
    a, b = np.random.default_rng(0).standard_normal((2, 2, 400_000))
    later = rho * a + math.sqrt(1 - rho**2) * b
    on = (a[0] > 0) & (later[0] * math.cos(theta) + later[1] * math.sin(theta) > 0)
    assert kernel(theta, rho) == pytest.approx(math.cos(theta) * on.mean(), abs=3e-3)


def test_cusp_at_rho_one_and_none_below():
    r = 1e-4
    assert (kernel(0.0, 1.0) - kernel(r, 1.0)) / r == pytest.approx(1 / (2 * math.pi), rel=1e-2)
    assert (kernel(0.0, 0.9) - kernel(r, 0.9)) / r < 1e-3
    assert kernel(0.3, 1.0) == pytest.approx(
        math.cos(0.3) * (0.25 + float(bin_weights(math.cos(0.3)).sum()) / (2 * math.pi))
    )


def test_averaged_kernel_is_the_mean_over_correlations():
    rho = (np.arange(200_000) + 0.5) / 200_000
    for theta in (0.0, 0.02, 0.4, -0.4):
        assert averaged_kernel(theta) == pytest.approx(kernel(theta, rho).mean(), rel=1e-6)


def test_averaged_kernel_has_the_boundarys_cube():
    """Charges -1/2, 1, -1/2 on three rays part neighbours by r^3/(3 pi) after averaging over lags."""
    r = 0.02
    averaged = averaged_kernel(r * np.arange(3))
    at_z = averaged[0] - averaged[1]
    beside = averaged[1] - (averaged[0] + averaged[2]) / 2
    assert at_z - beside == pytest.approx(r**3 / (3 * math.pi), rel=0.05)


def test_boundaries_have_their_powers_and_constants():
    lam = np.array([1e-5, 8e-5])
    large, small = large_rate_boundary(lam, 0.2, 0.75), small_rate_boundary(lam, 0.2, 0.75)
    assert large[1] / large[0] == pytest.approx(2)
    assert small[1] / small[0] == pytest.approx(8)
    assert 0.2 * 0.75 * small[0] / (16 * math.pi * 1e-5) == pytest.approx(1)
    assert 0.2 * 0.75 * large[0] ** 3 / (24 * math.pi * 1e-5) == pytest.approx(1)


def test_half_the_neurons_have_changed_when_nothing_is_left():
    assert changed(np.array([1.0, 0.0])) == pytest.approx([0, 0.5])
