"""Layers that the networks share: a ReLU with noise, normalization, and weights whose length it hides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

NORM_GROUPS = 8  # of group norm


class NoisyReLU(nn.Module):
    """ReLU with Gaussian noise added to its input, or with dropout of its output, while training.

    ``std`` and ``dropout`` are set by the trainer from the schedule. Images (N, C, H, W) get one (H, W) map
    of Gaussian noise for all channels, and units (runs, N, units) one number for each unit; it is shared
    by the whole batch unless ``per_sample``. Dropout sets single values to 0 and scales the others up. Both
    are drawn afresh at every call from ``rngs``, a generator on the input's device for each run.
    """

    def __init__(self, per_sample: bool = False) -> None:
        super().__init__()
        self.std = 0.0
        self.dropout = 0.0
        self.per_sample = per_sample
        self.rngs: Sequence[torch.Generator] = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) or (runs, N, units) to the same shape."""
        batch = x.shape if x.ndim == 4 else x.shape[1:]
        if self.training and self.std > 0:
            examples = batch[0] if self.per_sample else 1
            shape = (examples, 1, *batch[2:]) if x.ndim == 4 else (examples, batch[1])
            x = x + self.std * self._draw(torch.randn, shape, x)
        active = F.relu(x)
        if self.training and self.dropout > 0:
            kept = self._draw(torch.rand, batch, x) >= self.dropout
            active = active * kept / (1 - self.dropout)
        return active

    def _draw(self, draw: Callable, shape: Sequence[int], like: torch.Tensor) -> torch.Tensor:
        drawn = [draw(shape, generator=rng, device=like.device, dtype=like.dtype) for rng in self.rngs]
        return drawn[0] if like.ndim == 4 else torch.stack(drawn)


class Shift(nn.Module):
    """A bias for each channel, in the place of a normalization."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, channels, ...) to the same shape."""
        return x + self.bias.view(-1, *[1] * (x.ndim - 2))


def normalization(kind: str, channels: int, runs: int = 0) -> nn.Module:
    """Batch norm, group norm, or with ``none`` a bias, over (N, channels, ...).

    Args:
        channels: of all runs together.
        runs: how many runs lie side by side in the channels of (N, channels); 0 for images.
    """
    if kind == "group":
        return nn.GroupNorm(NORM_GROUPS * max(1, runs), channels)
    if kind == "none":
        return Shift(channels)
    return nn.BatchNorm1d(channels) if runs else nn.BatchNorm2d(channels)


@dataclass(frozen=True)
class Incoming:
    """The weights that feed some channels, and what normalizes these channels.

    Behind batch norm the network computes the same function, whatever the length of a channel's incoming
    weights (van Laarhoven 2017): `scale` changes it and keeps the function, up to batch norm's epsilon.

    Attributes:
        weights: tensors that add into the same channels.
        fan_in: their dimensions that are summed over for one channel.
        norms: every normalization that reads the channels.
    """

    weights: list[torch.Tensor]
    fan_in: tuple[int, ...]
    norms: list[nn.Module]

    @torch.no_grad()
    def lengths(self) -> torch.Tensor:
        """Euclidean length of each channel's incoming weights; summed dimensions have size 1."""
        return sum(weight.square().sum(self.fan_in, keepdim=True) for weight in self.weights).sqrt()

    @torch.no_grad()
    def scale(self, factors: torch.Tensor | float) -> None:
        """Multiply the incoming weights; ``factors`` is like `lengths`, or one number."""
        factors = factors * torch.ones_like(self.lengths())
        for weight in self.weights:
            weight *= factors
        for norm in self.norms:
            norm.running_mean *= factors.flatten()
            norm.running_var *= factors.flatten() ** 2
