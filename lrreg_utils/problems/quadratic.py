"""A convex problem in two dimensions where the schedule decides, as long as training is stopped early.

The training loss is ``(lambda1 e1^2 + lambda2 e2^2)/2`` with ``lambda1 >> lambda2``: e is the distance to
the one minimum, along its steep and its flat direction. The test loss weighs the two alike: ``(e1^2 +
e2^2)/2``. Gradient descent multiplies each error by ``1 - rate * lambda`` a step. The observation that
annealing can help in such a problem is Nakkiran's (2020, arXiv 2005.07360); the numbers here are the book's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lrreg_utils.errors import UserError
from lrreg_utils.tables import Table

CURVATURES = (10.0, 1.0)


@dataclass(frozen=True)
class Steps:
    """Gradient descent at ``rate``, and after ``steps`` steps at ``later``; None keeps the rate."""

    rate: float
    steps: int = 0
    later: float | None = None

    def at(self, step: int) -> float:
        """The rate of a step, counted from 0."""
        return self.rate if self.later is None or step < self.steps else self.later


def train_loss(errors: np.ndarray, curvatures: Sequence[float] = CURVATURES) -> np.ndarray:
    """Half the curvature-weighted sum of squares; errors (..., 2) to (...)."""
    return np.square(errors) @ np.array(curvatures) / 2


def test_loss(errors: np.ndarray) -> np.ndarray:
    """Half the plain sum of squares; errors (..., 2) to (...)."""
    return np.square(errors).sum(-1) / 2


def descend(
    start: Sequence[float], schedule: Steps, target: float, curvatures: Sequence[float] = CURVATURES,
    most: int = 100_000,
) -> np.ndarray:
    """Gradient descent, step by step, until the training loss is at most ``target``.

    Returns:
        Errors, float64 (steps + 1, 2), the start included.

    Raises:
        UserError: the target is not reached within ``most`` steps.
    """
    errors, path = np.array(start, dtype=float), []
    while True:
        path.append(errors)
        if train_loss(errors, curvatures) <= target:
            return np.array(path)
        if len(path) > most:
            raise UserError(f"descend: the training loss is still above {target:g} after {most} steps; "
                            f"a rate must be below 2/curvature = {2 / max(curvatures):g}")
        gradient = np.array(curvatures) * errors
        errors = errors - schedule.at(len(path) - 1) * gradient


def table(paths: Mapping[str, np.ndarray]) -> Table:
    """How many steps each path takes, and the two losses where it stops."""
    return Table(("schedule", "steps", "training loss", "test loss"), [
        (name, str(len(path) - 1), f"{train_loss(path[-1]):.4f}", f"{test_loss(path[-1]):.4f}")
        for name, path in paths.items()])
