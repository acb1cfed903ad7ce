"""A network with one hidden layer, for one run or for several side by side."""

import math
from collections.abc import Sequence

import torch
from torch import nn

from lrreg_utils.training.layers import Incoming, NoisyReLU, normalization

VECTOR = 16  # floats that a processor computes with at once, at most


class HiddenLayer(nn.Module):
    """Pixels, one hidden layer with normalization and ReLU, classes.

    Several runs side by side have weights of their own and one call for each operation: small products cost
    more to call than to compute.

    Args:
        pixels: numbers in an image.
        units: of the hidden layer.
        norm: see `normalization`.
        noise_per_sample: see `NoisyReLU`.
        runs: how many networks lie side by side.

    Attributes:
        hidden: incoming weights of the units, (runs, pixels, units).
        readout: (runs, units, classes).
        bias: of the readout, (runs, 1, classes).
    """

    def __init__(self, pixels: int, units: int, *, classes: int = 10, norm: str = "batch",
                 noise_per_sample: bool = False, runs: int = 1) -> None:
        super().__init__()
        self.hidden = nn.Parameter(_uniform(runs, pixels, units, fan_in=pixels))
        self.norm = normalization(norm, runs * units, runs)
        self.relu = NoisyReLU(noise_per_sample)
        self.readout = nn.Parameter(_uniform(runs, units, classes, fan_in=units))
        self.bias = nn.Parameter(_uniform(runs, 1, classes, fan_in=units))

    def forward(self, images: torch.Tensor, pixels: torch.Tensor | None = None) -> torch.Tensor:
        """Normalized images (N, channels, size, size) to logits (N, classes).

        Of several runs: (runs, N, pixels) to (runs, N, classes).

        Args:
            pixels: which ones ``images`` of several runs hold, where the others are 0; int64.
        """
        if images.ndim == 4:
            return self(images.flatten(1).unsqueeze(0))[0]
        return _products(self._features(images, pixels), self.readout) + self.bias

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """What the readout sees of images (N, channels, size, size): (N, units)."""
        return self._features(images.flatten(1).unsqueeze(0))[0]

    def _features(self, images: torch.Tensor, pixels: torch.Tensor | None = None) -> torch.Tensor:
        drive = _products(images, self.hidden if pixels is None else self.hidden[:, pixels])
        runs, count, units = drive.shape
        normal = self.norm(drive.transpose(0, 1).reshape(count, runs * units))
        return self.relu(normal.view(count, runs, units).transpose(0, 1))

    def set_noise(self, std: float, rng: torch.Generator, dropout: float = 0.0) -> None:
        """Add noise of this standard deviation before the ReLU while training; drop this share after it."""
        self.relu.stds, self.relu.dropout, self.relu.rngs = [std], dropout, [rng]

    @property
    def runs(self) -> int:
        """How many networks lie side by side."""
        return len(self.hidden)

    def by_way(self) -> list[tuple[bool, list[nn.Parameter]]]:
        """Parameters that torch's fused step may update, and those that it may not.

        It rounds a tensor's last few entries otherwise than the rest, where these do not fill a vector. But
        no run may depend on the place of its weights among those of others.
        """
        ways: dict[bool, list[nn.Parameter]] = {True: [], False: []}
        for weights in self.parameters():
            ways[weights.numel() % (VECTOR * self.runs) == 0].append(weights)
        return list(ways.items())

    def incoming(self) -> list[Incoming]:
        """The weights that a normalization follows."""
        return [Incoming([self.hidden], (1,), [self.norm])]

    def pixels_normalized(self, image_size: int) -> int:
        """Places of an image that one channel is normalized over."""
        return 1

    def initialize_as_he(self) -> None:
        """As `build_model` says of ``he``."""
        units = self.hidden.shape[-1]
        nn.init.normal_(self.hidden, std=math.sqrt(2 / units))
        nn.init.zeros_(self.bias)


def _products(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Matrix products (runs, N, K) x (runs, K, M); one run gets the numbers that it gets among others."""
    if len(left) > 1:
        return torch.bmm(left, right)
    # a batch of one matrix goes another way through the libraries, and is rounded otherwise
    return torch.bmm(left.expand(2, -1, -1), right.expand(2, -1, -1))[:1]


def _uniform(*shape: int, fan_in: int) -> torch.Tensor:
    """As torch draws linear layers: U(-1, 1) / sqrt(fan-in)."""
    return (2 * torch.rand(shape) - 1) / math.sqrt(fan_in)


def side_by_side(networks: Sequence[HiddenLayer]) -> HiddenLayer:
    """Copies of networks of one shape as a single one."""
    first = networks[0]
    _, pixels, units = first.hidden.shape
    kind = {nn.GroupNorm: "group", nn.BatchNorm1d: "batch"}.get(type(first.norm), "none")
    many = HiddenLayer(pixels, units, classes=first.bias.shape[-1], norm=kind, runs=len(networks),
                       noise_per_sample=first.relu.per_sample)
    states = [network.state_dict() for network in networks]
    many.load_state_dict({name: torch.cat([state[name] for state in states]) if tensor.ndim else tensor
                          for name, tensor in states[0].items()})
    return many.to(first.hidden.device)
