"""What one linear rule, and what one hidden ReLU layer, can read in patches; both given and trained.

A rule is linear in the pixels when every class has a score ``weights[c] @ x + bias[c]`` and the highest
wins. Class c of the patches sits at ``z + a v_c`` and ``z - a v_c``, whose scores add up to twice the score
at ``z``. So of the classes that do not win at ``z`` none is recognized on both sides of it. The derivation is
this book's own.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from lrreg_utils.devices import known_state
from lrreg_utils.errors import UserError
from lrreg_utils.images.patches import BOTH, PATCH_ONLY, Patterns, write_patches


@dataclass(frozen=True)
class Linear:
    """Scores ``x @ weights.T + bias``: weights (classes, pixels), bias (classes,)."""

    weights: torch.Tensor
    bias: torch.Tensor

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Points (N, pixels) to scores (N, classes)."""
        return F.linear(x, self.weights, self.bias)


@dataclass(frozen=True)
class Hidden:
    """One layer of ReLU units, then a linear rule on them: pixels to units to classes."""

    units: Linear
    readout: Linear

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Points (N, pixels) to scores (N, classes)."""
        return self.readout(F.relu(self.units(x)))


def ceiling(labels: torch.Tensor, signs: torch.Tensor) -> float:
    """The accuracy, in percent, that no linear rule exceeds on patches with these signs, of any strength.

    One class may have every example right, each other class those of its commoner sign only. With both signs
    equally frequent in each of K equal classes this is ``(K + 1) / 2K``: 75 for two, 55 for ten. Ties count
    for the class that comes first in some fixed order, as ``argmax`` decides them.

    Args:
        labels: int64 (N,).
        signs: (N,), the sign of each patch; above 0 or not is what counts.
    """
    plus = torch.bincount(labels, (signs > 0).double())
    minus = torch.bincount(labels) - plus
    commoner = torch.maximum(plus, minus)
    favourite = torch.minimum(plus, minus).max()
    return 100 * float(commoner.sum() + favourite) / len(labels)


@known_state()
def both_points(patterns: Patterns) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The two points of every class at full strength.

    Returns:
        Float (2 classes, pixels), all ``z + v_c`` first; labels int64; signs +1 or -1.
    """
    classes = len(patterns.pattern)
    signs = torch.tensor([1.0, -1.0]).repeat_interleave(classes)
    labels = torch.arange(classes).repeat(2)
    points = patterns.z + signs.view(-1, 1, 1, 1) * patterns.pattern[labels]
    return points.flatten(1), labels, signs


@known_state()
def sample_patches(
    patterns: Patterns, per_class: int, rng: torch.Generator, group: int = PATCH_ONLY
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Patches drawn once, by the law of a group, the same number of each class.

    Args:
        group: `PATCH_ONLY` (random strength) or `BOTH` (full strength).

    Returns:
        Float (N, pixels), the pixels of the patch alone; labels int64 (N,); signs +1 or -1 (N,).
    """
    if group not in (PATCH_ONLY, BOTH):
        raise UserError("sample_patches: the group must be PATCH_ONLY or BOTH, which have a patch")
    labels = torch.arange(len(patterns.pattern)).repeat(per_class)
    blank = patterns.z.new_zeros(len(labels), *patterns.z.shape)
    patches = write_patches(blank, labels, torch.full_like(labels, group), patterns, rng)
    along = (patches - patterns.z) * patterns.pattern[labels]
    return patches.flatten(1), labels, along.flatten(1).sum(1).sign()


def dual_vectors(patterns: Patterns) -> torch.Tensor:
    """Vectors ``w_c``, float (classes, pixels): ``w_c @ v_c = 1``, and ``w_c @ v_b = 0`` for other classes b.

    Raises:
        UserError: the class patterns are not linearly independent, for example more classes than pixels.
    """
    flat = patterns.pattern.flatten(1).double()
    if torch.linalg.matrix_rank(flat) < len(flat):
        raise UserError(
            f"dual_vectors: {len(flat)} class patterns of {flat.shape[1]} pixels are not linearly independent"
        )
    return torch.linalg.pinv(flat).T.to(patterns.pattern.dtype)


@known_state()
def best_linear(patterns: Patterns, favourite: int = 0, margin: float = 0.5) -> Linear:
    """A linear rule that reaches the ceiling: every plus sign right, and both signs of one class.

    Where the patch is ``z + a v_b``, class c scores ``a`` if c = b and 0 otherwise; the favourite always
    scores ``margin``. So it wins wherever ``a < margin``, and at both its own points.
    """
    weights = dual_vectors(patterns)
    bias = -weights @ patterns.z.flatten()
    weights[favourite], bias[favourite] = 0.0, margin
    return Linear(weights, bias)


@known_state()
def absolute_values(patterns: Patterns) -> Hidden:
    """Two ReLU units a class read every patch: ``relu(t) + relu(-t) = |t|``, and ``t = w_c @ (x - z)``.

    Where the patch is ``z + a v_b``, class c scores ``|a|`` if c = b and 0 otherwise.
    """
    weights = dual_vectors(patterns)
    bias = -weights @ patterns.z.flatten()
    units = Linear(torch.cat([weights, -weights]), torch.cat([bias, -bias]))
    classes = len(weights)
    return Hidden(units, Linear(torch.eye(classes).repeat(1, 2), torch.zeros(classes)))


@known_state(1)  # sums depend on the number of threads, and small matrices gain nothing from more
def train_rule(
    x: torch.Tensor, labels: torch.Tensor, classes: int, hidden: int, rng: torch.Generator,
    steps: int = 300, lr: float = 0.01,
) -> Linear | Hidden:
    """Train a linear rule, or one on a hidden layer, by full-batch Adam on the cross entropy.

    Args:
        x: float (N, pixels); labels: int64 (N,).
        hidden: ReLU units between pixels and scores; 0 trains the linear rule.
        rng: decides the initial weights, Gaussian with variance 1/inputs (2/inputs before a ReLU).
    """
    def layer(inputs: int, outputs: int, gain: float) -> Linear:
        weights = torch.randn(outputs, inputs, generator=rng) * (gain / inputs) ** 0.5
        return Linear(weights.requires_grad_(), torch.zeros(outputs, requires_grad=True))

    if hidden:
        rule = Hidden(layer(x.shape[1], hidden, 2.0), layer(hidden, classes, 1.0))
        layers = [rule.units, rule.readout]
    else:
        rule = layer(x.shape[1], classes, 1.0)
        layers = [rule]
    optimizer = torch.optim.Adam([part for each in layers for part in (each.weights, each.bias)], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(rule(x), labels).backward()
        optimizer.step()
    for each in layers:
        each.weights.requires_grad_(False)
        each.bias.requires_grad_(False)
    return rule


@known_state()
def score(rule: Linear | Hidden, x: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Accuracy in percent and mean cross entropy in nats of a rule on points (N, pixels)."""
    scores = rule(x)
    accuracy = 100 * float((scores.argmax(1) == labels).double().mean())
    return accuracy, float(F.cross_entropy(scores, labels))
