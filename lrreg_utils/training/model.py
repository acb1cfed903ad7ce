"""Pre-activation wide residual networks, with noise at every ReLU.

One class serves the paper's WideResNet-16-k and the small network: depth, width and the
stem's stride are all that differ (Zagoruyko and Komodakis 2016, pre-activation after He et al. 2016).
"""

import re

import torch
from torch import nn
from torch.nn import functional as F

from lrreg_utils.devices import known_state
from lrreg_utils.errors import UserError


class NoisyReLU(nn.Module):
    """ReLU with Gaussian noise added to its input, or with dropout of its output, while training.

    ``std`` and ``dropout`` are set by the trainer from the schedule. The Gaussian noise is one (H, W) map
    shared by all channels, and by the whole batch unless ``per_sample``; dropout sets single values to 0
    and scales the others up. Both are drawn afresh at every call from ``rng``, a generator on the
    input's device.
    """

    def __init__(self, per_sample: bool = False) -> None:
        super().__init__()
        self.std = 0.0
        self.dropout = 0.0
        self.per_sample = per_sample
        self.rng: torch.Generator | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, C, H, W) to the same shape."""
        if self.training and self.std > 0:
            shape = (len(x) if self.per_sample else 1, 1, *x.shape[2:])
            x = x + self.std * torch.randn(shape, generator=self.rng, device=x.device, dtype=x.dtype)
        active = F.relu(x)
        if self.training and self.dropout > 0:
            kept = torch.rand(x.shape, generator=self.rng, device=x.device) >= self.dropout
            active = active * kept / (1 - self.dropout)
        return active


class Block(nn.Module):
    """Two 3x3 convolutions, each after batch norm and ReLU, around a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int, per_sample: bool) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inputs)
        self.relu1 = NoisyReLU(per_sample)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.relu2 = NoisyReLU(per_sample)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        same = inputs == outputs and stride == 1
        self.shortcut = None if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        active = self.relu1(self.norm1(x))
        skip = x if self.shortcut is None else self.shortcut(active)
        return skip + self.conv2(self.relu2(self.norm2(self.conv1(active))))


class WideResNet(nn.Module):
    """Pre-activation WideResNet: three groups of ``(depth - 4) / 6`` blocks each.

    Args:
        depth: 10, 16, 22, 28, …
        widen_factor: the groups are 16, 32 and 64 times this wide.
        stem_stride: 2 halves the image at the first convolution, for speed on a processor.
        noise_per_sample: see `NoisyReLU`.
    """

    def __init__(
        self,
        depth: int,
        widen_factor: int,
        *,
        channels: int = 3,
        classes: int = 10,
        stem_stride: int = 1,
        noise_per_sample: bool = False,
    ) -> None:
        super().__init__()
        widths = [16 * widen_factor, 32 * widen_factor, 64 * widen_factor]
        self.stem = nn.Conv2d(channels, 16, 3, stem_stride, padding=1, bias=False)
        blocks, inputs = [], 16
        for group, width in enumerate(widths):
            for index in range((depth - 4) // 6):
                stride = 2 if group > 0 and index == 0 else 1
                blocks.append(Block(inputs, width, stride, noise_per_sample))
                inputs = width
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.BatchNorm2d(inputs)
        self.relu = NoisyReLU(noise_per_sample)
        self.linear = nn.Linear(inputs, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Normalized images (N, channels, size, size) to logits (N, classes)."""
        features = self.relu(self.norm(self.blocks(self.stem(images))))
        return self.linear(features.mean((2, 3)))

    @property
    def noise_sites(self) -> list[NoisyReLU]:
        """Every place where activation noise enters, 13 at depth 16 and 7 at depth 10."""
        return [module for module in self.modules() if isinstance(module, NoisyReLU)]

    def set_noise(self, std: float, rng: torch.Generator, dropout: float = 0.0) -> None:
        """Add noise of this standard deviation before every ReLU while training; drop this share after it."""
        for site in self.noise_sites:
            site.std, site.dropout, site.rng = std, dropout, rng


@known_state()
def build_model(
    name: str, *, channels: int, classes: int, noise_per_sample: bool, rng: torch.Generator,
    initialization: str = "torch",
) -> WideResNet:
    """A freshly initialized network by name: ``small`` or ``wrn16-K``.

    ``small`` has three blocks of widths 16, 32 and 64 and a stem of stride 2 (78,000 weights).

    Args:
        rng: generator on the CPU that decides the initial weights.
        initialization: ``torch``: its defaults. ``he``: as in the authors' code, convolutions from
            N(0, 2 / fan-out) (He et al. 2015) and a last bias of 0. With batch norm the same rate then is a
            step 3 to 6 times smaller in most layers, since the weights are that much larger in square.

    Raises:
        UserError: an unknown name.
    """
    match = re.fullmatch(r"wrn16-([1-9]\d?)", name, re.ASCII)
    if name != "small" and not match:
        raise UserError(f"model: {name!r} is unknown; choose small or wrn16-K, for example wrn16-10")
    depth, widen_factor, stem_stride = (16, int(match[1]), 1) if match else (10, 1, 2)
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(rng.get_state())
        model = WideResNet(
            depth, widen_factor, channels=channels, classes=classes,
            stem_stride=stem_stride, noise_per_sample=noise_per_sample,
        )
        if initialization == "he":
            _initialize_as_he(model)
        return model


def _initialize_as_he(model: WideResNet) -> None:
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    nn.init.zeros_(model.linear.bias)
