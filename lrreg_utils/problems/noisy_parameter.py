"""SGD on one parameter, where every noise has a formula: how wide it spreads, and what that hides.

The bowl is h/2 theta^2. The ripple stands for a pattern that is hard to fit: a fine structure of the
loss, -a cos(k theta), that only a parameter which stands still can follow. NumPy alone.
"""

from collections.abc import Callable, Sequence

import numpy as np

from lrreg_utils.errors import UserError

# The book's example: a ripple of this height, cos(k theta), and the two rates that it is seen and lost at
RIPPLE = {"height": 0.01, "k": 20}
RATES = {"large_lr": 0.2, "small_lr": 0.005}


def stationary_std(lr: np.ndarray | float, curvature: float = 1.0, sigma: float = 1.0) -> np.ndarray | float:
    """Std of theta when SGD on h/2 theta^2 has run for long: sqrt(lr sigma^2 / (h (2 - lr h))).

    From theta <- (1 - lr h) theta - lr xi follows V = (1 - lr h)^2 V + lr^2 sigma^2, solved for V.

    Args:
        lr: learning rate, or an array of them.
        curvature: h.
        sigma: std of the noise xi in the gradient.

    Raises:
        UserError: lr h is not between 0 and 2, where SGD has no stationary state.
    """
    step = np.asarray(lr) * curvature
    if not np.all((step > 0) & (step < 2)):
        raise UserError("stationary_std: lr * curvature must lie between 0 and 2, where SGD settles, "
                        f"got {np.max(step):g}")
    return sigma * np.sqrt(lr / (curvature * (2 - step)))


def descend(
    slope: Callable[[np.ndarray], np.ndarray], rates: Sequence[float], start: np.ndarray,
    rng: np.random.Generator, sigma: float = 1.0,
) -> np.ndarray:
    """SGD on many independent copies of one parameter: theta <- theta - lr (slope(theta) + xi).

    Args:
        slope: derivative of the loss, of an array (copies,).
        rates: the learning rate of each step.
        start: float (copies,).
        sigma: std of xi, normal and drawn afresh for each copy and step.

    Returns:
        float (steps + 1, copies), the start first.
    """
    path = np.empty((len(rates) + 1, len(start)))
    path[0] = start
    for step, lr in enumerate(rates):
        xi = sigma * rng.standard_normal(len(start))
        path[step + 1] = path[step] - lr * (slope(path[step]) + xi)
    return path


def visibility(k: np.ndarray | float, std: np.ndarray | float) -> np.ndarray | float:
    """What is left of cos(k theta) when theta jumps about: the factor exp(-k^2 std^2 / 2).

    The mean of cos(k theta) over theta ~ N(mu, std^2) is exp(-k^2 std^2 / 2) cos(k mu): the real part of
    the normal distribution's characteristic function.
    """
    return np.exp(-np.square(np.multiply(k, std)) / 2)


def rippled(theta: np.ndarray, height: float, k: float) -> np.ndarray:
    """A bowl with a ripple, both lowest at 0: theta^2 / 2 - height cos(k theta)."""
    return np.square(theta) / 2 - height * np.cos(k * theta)


def rippled_slope(theta: np.ndarray, height: float, k: float) -> np.ndarray:
    """Derivative of `rippled`: theta + height k sin(k theta)."""
    return theta + height * k * np.sin(k * theta)
