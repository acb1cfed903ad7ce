"""What one linear rule, and what one hidden ReLU layer, can read in patches; both given and trained.

A rule is linear in the pixels when every class has a score ``weights[c] @ x + bias[c]`` and the highest
wins. Class c of the patches sits at ``z + a v_c`` and ``z - a v_c``, whose scores add up to twice the score
at ``z``. So of the classes that do not win at ``z`` none is recognized on both sides of it. The derivation is
this book's own.
"""

import torch
from torch import nn
from torch.nn import functional as F

from lrreg_utils.devices import known_state, without_compiler
from lrreg_utils.errors import UserError
from lrreg_utils.images.patches import BOTH, PATCH_ONLY, Patterns, write_patches


def linear(weights: torch.Tensor, bias: torch.Tensor) -> nn.Linear:
    """A layer of these weights, (outputs, inputs), and this bias, (outputs,), that takes no gradient."""
    layer = nn.Linear(*weights.T.shape, device="meta")  # draws nothing
    layer.weight, layer.bias = nn.Parameter(weights), nn.Parameter(bias)
    return layer.requires_grad_(False)


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
def best_linear(patterns: Patterns, favourite: int = 0, margin: float = 0.5) -> nn.Linear:
    """A linear rule that reaches the ceiling: every plus sign right, and both signs of one class.

    Where the patch is ``z + a v_b``, class c scores ``a`` if c = b and 0 otherwise; the favourite always
    scores ``margin``. So it wins wherever ``a < margin``, and at both its own points.
    """
    weights = dual_vectors(patterns)
    bias = -weights @ patterns.z.flatten()
    weights[favourite], bias[favourite] = 0.0, margin
    return linear(weights, bias)


@known_state()
def absolute_values(patterns: Patterns) -> nn.Sequential:
    """Two ReLU units a class read every patch: ``relu(t) + relu(-t) = |t|``, and ``t = w_c @ (x - z)``.

    Where the patch is ``z + a v_b``, class c scores ``|a|`` if c = b and 0 otherwise.
    """
    weights = dual_vectors(patterns)
    bias = -weights @ patterns.z.flatten()
    units = linear(torch.cat([weights, -weights]), torch.cat([bias, -bias]))
    classes = len(weights)
    return nn.Sequential(units, nn.ReLU(), linear(torch.eye(classes).repeat(1, 2), torch.zeros(classes)))


@known_state(1)  # sums depend on the number of threads, and small matrices gain nothing from more
def train_rule(
    x: torch.Tensor, labels: torch.Tensor, classes: int, hidden: int, rng: torch.Generator,
    steps: int = 300, lr: float = 0.01,
) -> nn.Module:
    """Train a linear rule, or one on a hidden layer, by full-batch Adam on the cross entropy.

    Args:
        x: float (N, pixels); labels: int64 (N,).
        hidden: ReLU units between pixels and scores; 0 trains the linear rule.
        rng: decides the initial weights, Gaussian with variance 1/inputs (2/inputs before a ReLU).
    """
    def layer(inputs: int, outputs: int, gain: float) -> nn.Linear:
        weights = torch.randn(outputs, inputs, generator=rng) * (gain / inputs) ** 0.5
        return linear(weights, torch.zeros(outputs))

    if hidden:
        rule = nn.Sequential(layer(x.shape[1], hidden, 2.0), nn.ReLU(), layer(hidden, classes, 1.0))
    else:
        rule = layer(x.shape[1], classes, 1.0)
    optimizer = without_compiler(torch.optim.Adam)(rule.requires_grad_().parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(rule(x), labels).backward()
        optimizer.step()
    return rule.requires_grad_(False)


@known_state()
def score(rule: nn.Module, x: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Accuracy in percent and mean cross entropy in nats of a rule on points (N, pixels)."""
    scores = rule(x)
    accuracy = 100 * float((scores.argmax(1) == labels).double().mean())
    return accuracy, float(F.cross_entropy(scores, labels))
