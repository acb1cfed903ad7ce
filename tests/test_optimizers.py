"""Torch's optimizers without its compiler take the steps that they take with it."""

import pytest
import torch

from lrreg_utils.devices import without_compiler

KINDS = {
    torch.optim.SGD: {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01, "fused": True},
    torch.optim.Adam: {"lr": 0.01},
    torch.optim.LBFGS: {"max_iter": 5, "line_search_fn": "strong_wolfe"},
}
TRAIN = """
import sys
import torch
from lrreg_utils import train
from lrreg_utils.experiments.presets import experiment
(config,) = experiment("digits").with_(epochs=1, train_size=100, image_size=8).configs(range(1))[:1]
train(config, "cpu")
print("torch._dynamo" in sys.modules)
"""


def taken(kind, settings, steps: int = 6) -> torch.Tensor:
    """Weights after some steps on a fixed function, with the state handed on halfway, as by a checkpoint."""
    weights = torch.linspace(-1, 2, 4).requires_grad_()
    optimizer = kind([weights], **settings)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = (weights**2 + weights.sin()).sum()
        value.backward()
        return value

    for step in range(steps):
        if step == steps // 2:
            state, optimizer = optimizer.state_dict(), kind([weights], **settings)
            optimizer.load_state_dict(state)
        optimizer.step(loss)
    return weights.detach()


@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_those_of_torch(kind):
    found, wanted = taken(without_compiler(kind), KINDS[kind]), taken(kind, KINDS[kind])
    assert torch.equal(found, wanted) and not torch.equal(found, torch.linspace(-1, 2, 4))


def test_training_does_not_load_the_compiler(run_python):
    assert run_python(TRAIN).strip() == "False"
