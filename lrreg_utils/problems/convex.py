"""A model that is convex in its weights and one that is not, trained by schedules and then to convergence.

``linear`` on fixed inputs, with cross entropy and a squared penalty, is strictly convex: one minimum.
`two_layers` is the same with the layer below trained as well. Its ReLU is rounded off, so that the objective
has a gradient everywhere, and "converged" can be measured. All numbers are float64.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from lrreg_utils.devices import known_state, without_compiler
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.problems.fixed_data import Examples
from lrreg_utils.seeding import generator

Weights = list[torch.Tensor]
Model = Callable[[Weights, torch.Tensor], torch.Tensor]
SHARPNESS = 4.0  # softplus(4 t)/4: within 0.18 of relu(t), and closer away from 0
CLASSES = 10


def with_one(inputs: torch.Tensor) -> torch.Tensor:
    """Append a constant 1, (N, d) to (N, d + 1): the bias is then a weight like any other."""
    return torch.cat([inputs, inputs.new_ones(len(inputs), 1)], 1)


def hidden(first: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """Features by a layer of rounded ReLUs: weights (m, d + 1) and inputs (N, d) to (N, m)."""
    return F.softplus(with_one(inputs) @ first.T, beta=SHARPNESS)


def linear(weights: Weights, inputs: torch.Tensor) -> torch.Tensor:
    """Logits (N, classes) that are linear in the weights [(classes, d + 1)]: the convex case."""
    return with_one(inputs) @ weights[-1].T


def two_layers(weights: Weights, inputs: torch.Tensor) -> torch.Tensor:
    """Logits of the network with weights [(m, d + 1), (classes, m + 1)], both trained."""
    return linear(weights, hidden(weights[0], inputs))


@known_state()
def draw_layer(outputs: int, inputs: int, seed: int, place: str) -> torch.Tensor:
    """The ``first`` or the ``second`` layer at the start, (outputs, inputs + 1), N(0, 1/inputs)."""
    rng = generator(seed, f"{place} layer")
    return torch.randn(outputs, inputs + 1, generator=rng, dtype=torch.float64) / inputs**0.5


@dataclass(frozen=True)
class Problem:
    """A model, its training set and the penalty: one objective.

    ``L(w)`` is the mean cross entropy plus ``penalty/2`` times the sum of all squared weights.
    """

    model: Model
    train: Examples
    penalty: float

    def loss(self, weights: Weights, examples: Examples | None = None) -> torch.Tensor:
        """L at these weights, on the training set or on a batch of it."""
        batch = examples or self.train
        fit = F.cross_entropy(self.model(weights, batch.inputs), batch.labels)
        return fit + self.penalty / 2 * sum(layer.square().sum() for layer in weights)

    def residual(self, weights: Weights) -> float:
        """``|grad L| / (penalty |w|)``, 0 at a stationary point.

        At a minimum the pull of the data and the pull of the penalty cancel; this is what is left over,
        relative to the second. If L is strongly convex, which the penalty makes it where the model is
        linear in the weights, then ``|w - w*| <= |grad L|/penalty``, so that
        the residual bounds the relative distance to the minimum.
        """
        asked = [layer.detach().requires_grad_() for layer in weights]
        gradient = torch.autograd.grad(self.loss(asked), asked)
        return norm(gradient).item() / (self.penalty * norm(weights).item())


def norm(weights: Sequence[torch.Tensor]) -> torch.Tensor:
    """Length of all weights as one vector."""
    return torch.stack([layer.square().sum() for layer in weights]).sum().sqrt()


@known_state()
def follow(
    problem: Problem, start: Weights, schedule: Schedule, epochs: int, order: int,
    batch_size: int = 16, momentum: float = 0.9,
) -> Weights:
    """Minibatch SGD (Nesterov) under a schedule, for a finite time.

    The schedule's noise is Gaussian and added to the inputs.

    Args:
        order: seed of the order of the minibatches and of the noise; nothing else depends on it.
    """
    weights = [layer.clone().requires_grad_() for layer in start]
    sgd = without_compiler(torch.optim.SGD)
    optimizer = sgd(weights, lr=schedule.initial_lr, momentum=momentum, nesterov=True)
    shuffle, noise = generator(order, "order"), generator(order, "input noise")
    for epoch in range(1, epochs + 1):
        optimizer.param_groups[0]["lr"] = schedule.lr(epoch)
        std = schedule.noise_std(epoch)
        for batch in torch.randperm(len(problem.train), generator=shuffle).split(batch_size):
            inputs = problem.train.inputs[batch]
            if std > 0:
                inputs = inputs + std * torch.randn(inputs.shape, generator=noise, dtype=inputs.dtype)
            optimizer.zero_grad()
            problem.loss(weights, Examples(inputs, problem.train.labels[batch])).backward()
            optimizer.step()
    return [layer.detach() for layer in weights]


@known_state()
def converge(problem: Problem, start: Weights, tolerance: float, most: int = 3000) -> Weights:
    """Full-batch L-BFGS until the residual is at most ``tolerance``, or for ``most`` iterations."""
    weights, taken = [layer.clone().requires_grad_() for layer in start], 0
    lbfgs = without_compiler(torch.optim.LBFGS)
    optimizer = lbfgs(weights, max_iter=50, history_size=30, line_search_fn="strong_wolfe",
                      tolerance_grad=0, tolerance_change=0)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = problem.loss(weights)
        loss.backward()
        return loss

    while taken < most and problem.residual(weights) > tolerance:
        optimizer.step(closure)
        taken += 50
    return [layer.detach() for layer in weights]


@known_state()
@torch.no_grad()
def score(problem: Problem, weights: Weights, examples: Examples) -> dict[str, float]:
    """Accuracy (percent) and cross entropy (nats) on a test set."""
    logits = problem.model(weights, examples.inputs)
    hits = (logits.argmax(1) == examples.labels).double().mean()
    return {"accuracy": 100 * hits.item(), "loss": F.cross_entropy(logits, examples.labels).item()}


@known_state()
@torch.no_grad()
def apart(problem: Problem, one: Weights, other: Weights, examples: Examples) -> dict[str, float]:
    """How far two solutions are from each other, as weights and as functions on a test set.

    Returns:
        ``weights``: ``|w1 - w2|`` over the mean of ``|w1|`` and ``|w2|``; ``function``: mean total
        variation between the predicted probabilities, ``sum_c |p1(c) - p2(c)|/2``, 0 to 1; ``flips``:
        percent of images whose predicted class differs.
    """
    lengths = (norm(one) + norm(other)).item() / 2
    difference = norm([a - b for a, b in zip(one, other, strict=True)]).item()
    logits = [problem.model(weights, examples.inputs) for weights in (one, other)]
    first, second = (one_logits.softmax(1) for one_logits in logits)
    flips = (logits[0].argmax(1) != logits[1].argmax(1)).double().mean().item()
    return {"weights": difference / lengths, "flips": 100 * flips,
            "function": ((first - second).abs().sum(1) / 2).mean().item()}
