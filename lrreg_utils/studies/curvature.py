"""What rival explanations point at: sharpness and active units, before the anneal and at the end."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from lrreg_utils.devices import known_state
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.studies.pieces import Keep, at_once
from lrreg_utils.training.model import Network
from lrreg_utils.training.train import train
from lrreg_utils.training.trainer import Trainer

SCHEDULES = ("large_lr", "small_lr", "large_lr_constant")


@known_state()
def sharpness(model: nn.Module, inputs: torch.Tensor, labels: torch.Tensor, iterations: int = 20) -> float:
    """Largest eigenvalue in size of the Hessian of the mean cross entropy, by power iteration.

    The model is used in evaluation mode, so that batch norm is a fixed map. The eigenvector is started from a
    generator of its own: the same call gives the same number.

    Args:
        inputs: what the model takes, (N, ...), on its device.
        labels: int64 (N,).
        iterations: Hessian-vector products, each as costly as about two gradients.

    Returns:
        Rayleigh quotient of the last vector, in nats per squared unit of weight.
    """
    model.eval()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    loss = F.cross_entropy(model(inputs), labels)
    gradient = torch.autograd.grad(loss, weights, create_graph=True)
    rng = torch.Generator(inputs.device).manual_seed(0)
    vector = [torch.randn(weight.shape, generator=rng, device=weight.device) for weight in weights]
    for _ in range(iterations):
        length = torch.sqrt(sum(part.square().sum() for part in vector))
        vector = [part / length for part in vector]
        product = torch.autograd.grad(gradient, weights, grad_outputs=vector, retain_graph=True)
        quotient = sum((one * other).sum() for one, other in zip(vector, product, strict=True))
        vector = list(product)
    return float(quotient)


@known_state()
@torch.no_grad()
def active_share(model: Network, inputs: torch.Tensor) -> float:
    """Percent of the values after the last ReLU that are above 0, over images, channels and places."""
    model.eval()
    seen: list[torch.Tensor] = []
    handle = model.relu.register_forward_hook(lambda module, given, output: seen.append(output))
    try:
        model(inputs)
    finally:
        handle.remove()
    return float(100 * (seen[0] > 0).float().mean())


def curvature(seeds: Sequence[int], keep: Keep = at_once) -> dict:
    """Each schedule of the digits experiment, measured on its plain training images.

    Returns:
        Schedule to ``{"sharpness": [before, end], "active": [before, end]}``, each a list over seeds;
        "before" is the last epoch before ``large_lr`` anneals. Active units in percent.
    """
    demo, found = experiment("digits"), {}
    at = (demo.anneal_epoch - 1, demo.base.epochs)
    for name in SCHEDULES:
        measured = [keep(f"{name}-{seed}", _course, demo.config(name, seed), at) for seed in seeds]
        found[name] = {key: [[one[when][key] for one in measured] for when in (0, 1)]
                       for key in ("sharpness", "active")}
    return found


def _course(config: Config, at: tuple[int, int]) -> list[dict[str, float]]:
    found = []

    def measure(trainer: Trainer) -> None:
        if trainer.epoch in at:
            inputs = trainer.normalize(trainer.train_split.images)
            found.append({"sharpness": sharpness(trainer.model, inputs, trainer.train_split.labels),
                          "active": active_share(trainer.model, inputs)})

    train(config, "cpu", after_epoch=[measure])
    return found
