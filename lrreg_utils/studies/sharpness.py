"""Two properties of a trained network that rival explanations point at: sharpness and active units."""

import torch
from torch import nn
from torch.nn import functional as F

from lrreg_utils.devices import known_state
from lrreg_utils.training.model import Network


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
