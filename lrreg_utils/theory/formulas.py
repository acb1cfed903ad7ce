"""Closed formulas of the theory that the figures plot: correlations, the kernel at its cusp, the regime.

In the setting studied here; the derivations are this book's own.
"""

import numpy as np


def correlation(u: np.ndarray, ratio: float = 1.0) -> np.ndarray:
    """rho: correlation of the noise part of a first-layer row at u with that at 0, stationary at 0.

    Args:
        u: sum of the learning rates since 0, in units of 1/lam.
        ratio: large rate over the rate in use; 1 is the large rate itself.

    Returns:
        e^(-u) over the root of the variance that is left, e^(-2u) + (1 - e^(-2u))/ratio.
    """
    fade = np.exp(-np.asarray(u, dtype=float))
    return fade / np.sqrt(fade**2 + (1 - fade**2) / ratio)


def kernel(theta: np.ndarray, rho: float) -> np.ndarray:
    """K_rho(theta) for unit inputs at angle theta (radians): cos(theta)(1/4 + arcsin(rho cos(theta))/(2 pi)).

    At rho = 1 it falls like `|theta|/(2 pi)`, a cusp; below, it is smooth over angles of sqrt(1 - rho^2).
    """
    cosine = np.cos(theta)
    return cosine * (0.25 + np.arcsin(rho * cosine) / (2 * np.pi))


def averaged_kernel(theta: np.ndarray) -> np.ndarray:
    """K_rho(theta) averaged over rho from 0 to 1: what is left of a steady pull at the large rate.

    A step of age a is seen with rho = e^(-a) and has decayed by the same factor, so that each rho weighs
    alike. `= const - theta^2/4 + |theta|^3/(6 pi) + ...`; angles below pi/2.
    """
    cosine = np.cos(theta)
    mean = np.arcsin(cosine) + (np.abs(np.sin(theta)) - 1) / cosine
    return cosine * (0.25 + mean / (2 * np.pi))


def changed(rho: np.ndarray) -> np.ndarray:
    """Fraction of neurons whose activation on an input differs at two times: arccos(rho)/pi."""
    return np.arccos(np.clip(rho, -1, 1)) / np.pi


def small_rate_boundary(lam: np.ndarray, q: float, alpha: float) -> np.ndarray:
    """The angle r above which the small rate can learn Q from the Q-only examples.

    With three rays and frozen patterns, charges -w/2, w, -w/2 on them (no net charge) part the outputs of
    neighbours by w r/(2 pi), half of it on either side of 0. While an example is not fitted it pulls
    with 1/2, the q/2 examples of a label together with w = alpha q/4 (per u), which decay keeps for
    1/lam. Output of order 1 then needs r >= 16 pi lam/(alpha q): lam of the order of r.

    Args:
        q: share of Q-only examples.
        alpha: mean length of x2.
    """
    return 16 * np.pi * np.asarray(lam) / (alpha * q)


def large_rate_boundary(lam: np.ndarray, q: float, alpha: float) -> np.ndarray:
    """The angle r below which the large rate cannot hold Q, with the charges of `small_rate_boundary`.

    A steady pull is seen through the kernel averaged over lags,
    cos(theta)(1/4 + integral of arcsin(rho cos(theta)) d rho/(2 pi))/lam
    `= (const - theta^2/4 + |theta|^3/(6 pi) + ...)/lam`. No cusp is left; the square adds the same to all
    three rays; what parts neighbours is the cube, by w r^3/(3 pi lam). Hence r^3 <= 24 pi lam/(alpha q). A
    charge that is not balanced would be seen through the square: that gives r^2 of the order of lam.
    """
    return np.cbrt(24 * np.pi * np.asarray(lam) / (alpha * q))
