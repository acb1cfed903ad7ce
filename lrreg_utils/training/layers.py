"""Layers that the networks share: a ReLU with noise, normalization, and weights whose length it hides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

NORM_GROUPS = 8  # of group norm


class NoisyReLU(nn.Module):
    """ReLU with Gaussian noise added to its input, or with dropout of its output, while training.

    ``stds`` and ``dropout`` are set by the trainer from the schedule. Images (N, C, H, W) get one (H, W) map
    of Gaussian noise for all channels, and units (runs, N, units) one number for each unit; it is shared
    by the whole batch unless ``per_sample``. Dropout sets single values to 0 and scales the others up. Both
    are drawn afresh at every call from ``rngs``, a generator on the input's device for each run.
    """

    def __init__(self, per_sample: bool = False) -> None:
        super().__init__()
        self.stds: Sequence[float] = ()  # one for each run
        self.dropout = 0.0
        self.per_sample = per_sample
        self.rngs: Sequence[torch.Generator] = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) or (runs, N, units) to the same shape."""
        if self.training and any(self.stds):
            x = x + self._noise(x)
        active = F.relu(x)
        if self.training and self.dropout > 0:
            kept = self._draw(torch.rand, x, self.rngs[0], x.shape) >= self.dropout
            active = active * kept / (1 - self.dropout)
        return active

    def _noise(self, x: torch.Tensor) -> torch.Tensor:
        images = x.ndim == 4
        examples = x.shape[-4 if images else -2] if self.per_sample else 1
        shape = (examples, 1, *x.shape[2:]) if images else (examples, x.shape[2])
        drawn = [std * self._draw(torch.randn, x, rng, shape) if std else x.new_zeros(shape)
                 for std, rng in zip(self.stds, self.rngs, strict=True)]
        return drawn[0] if images else torch.stack(drawn)

    @staticmethod
    def _draw(draw: Callable, like: torch.Tensor, rng: torch.Generator, shape: Sequence[int]) -> torch.Tensor:
        return draw(shape, generator=rng, device=like.device, dtype=like.dtype)


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
    weights (van Laarhoven 2017): `scale` changes it and keeps the function of evaluation mode.

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
        factors = factors.flatten()
        for norm in self.norms:
            before = (norm.running_var + norm.eps).sqrt()
            norm.running_mean *= factors
            norm.running_var *= factors**2
            norm.weight *= (norm.running_var + norm.eps).sqrt() / (factors * before)  # epsilon does not scale
