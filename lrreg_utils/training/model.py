"""The networks by name; pre-activation wide residual networks, with noise at every ReLU.

One class serves the paper's WideResNet-16-k and the small network: depth, width and the
stem's stride are all that differ (Zagoruyko and Komodakis 2016, pre-activation after He et al. 2016).
"""

import re

import torch
from torch import nn

from lrreg_utils.devices import known_state
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import MODELS, Config
from lrreg_utils.seeding import generator
from lrreg_utils.training.hidden_layer import HiddenLayer
from lrreg_utils.training.layers import Incoming, NoisyReLU, normalization


class Block(nn.Module):
    """Two 3x3 convolutions, each after normalization and ReLU, around a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int, norm: str, per_sample: bool) -> None:
        super().__init__()
        self.norm1 = normalization(norm, inputs)
        self.relu1 = NoisyReLU(per_sample)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm2 = normalization(norm, outputs)
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
        norm: see `normalization`.
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
        norm: str = "batch",
        noise_per_sample: bool = False,
    ) -> None:
        super().__init__()
        widths = [16 * widen_factor, 32 * widen_factor, 64 * widen_factor]
        self.stem = nn.Conv2d(channels, 16, 3, stem_stride, padding=1, bias=False)
        blocks, inputs = [], 16
        for group, width in enumerate(widths):
            for index in range((depth - 4) // 6):
                stride = 2 if group > 0 and index == 0 else 1
                blocks.append(Block(inputs, width, stride, norm, noise_per_sample))
                inputs = width
        self.blocks = nn.Sequential(*blocks)
        self.norm = normalization(norm, inputs)
        self.relu = NoisyReLU(noise_per_sample)
        self.linear = nn.Linear(inputs, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Normalized images (N, channels, size, size) to logits (N, classes)."""
        return self.linear(self.features(images))

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """What the last layer sees of images (N, channels, size, size): (N, features)."""
        return self.relu(self.norm(self.blocks(self.stem(images)))).mean((2, 3))

    @property
    def noise_sites(self) -> list[NoisyReLU]:
        """Every place where activation noise enters, 13 at depth 16 and 7 at depth 10."""
        return [module for module in self.modules() if isinstance(module, NoisyReLU)]

    def set_noise(self, std: float, rng: torch.Generator, dropout: float = 0.0) -> None:
        """Add noise of this standard deviation before every ReLU while training; drop this share after it."""
        for site in self.noise_sites:
            site.stds, site.dropout, site.rngs = [std], dropout, [rng]

    def incoming(self) -> list[Incoming]:
        """The convolutions that a normalization follows; those that add into one residual stream together."""
        found, stream = [], Incoming([self.stem.weight], (1, 2, 3), [])
        for block in self.blocks:
            stream.norms.append(block.norm1)
            if block.shortcut is not None:
                found.append(stream)
                stream = Incoming([block.shortcut.weight], (1, 2, 3), [])
            stream.weights.append(block.conv2.weight)
            found.append(Incoming([block.conv1.weight], (1, 2, 3), [block.norm2]))
        stream.norms.append(self.norm)
        return [*found, stream]

    def pixels_normalized(self, image_size: int) -> int:
        """Places of an image that one channel of the last layer is normalized over."""
        return (-(-image_size // (4 * self.stem.stride[0]))) ** 2

    def initialize_as_he(self) -> None:
        """As `build_model` says of ``he``."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(self.linear.bias)


Network = HiddenLayer | WideResNet


@known_state()
def build_model(
    name: str, *, channels: int, classes: int, noise_per_sample: bool, rng: torch.Generator,
    initialization: str = "torch", norm: str = "batch", image_size: int = 32,
) -> Network:
    """A freshly initialized network by name: ``hidden-K``, ``small`` or ``wrn16-K``.

    ``hidden-K`` has one hidden layer of K units. ``small`` has three blocks of widths 16, 32 and 64 and a
    stem of stride 2 (78,000 weights).

    Args:
        rng: generator on the CPU that decides the initial weights.
        initialization: ``torch``: its defaults. ``he``: as in the authors' code, convolutions from
            N(0, 2 / fan-out) (He et al. 2015) and a last bias of 0; the hidden layer likewise. With batch
            norm the same rate then is a step 3 to 6 times smaller in most layers, since the weights are that
            much larger in square.
        norm: ``batch``, ``group`` or ``none``.
        image_size: height and width of an image; only ``hidden-K`` depends on it.

    Raises:
        UserError: an unknown name.
    """
    match = re.fullmatch(r"(?P<small>small)|hidden-(?P<units>[1-9]\d{0,3})|wrn16-(?P<widen>[1-9]\d?)",
                         name, re.ASCII)
    if not match:
        raise UserError(f"model: {name!r} is unknown; {MODELS}")
    shared = {"classes": classes, "norm": norm, "noise_per_sample": noise_per_sample}
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(rng.get_state())
        if match["units"]:
            model = HiddenLayer(channels * image_size**2, int(match["units"]), **shared)
        elif match["small"]:
            model = WideResNet(10, 1, channels=channels, stem_stride=2, **shared)
        else:
            model = WideResNet(16, int(match["widen"]), channels=channels, **shared)
        if initialization == "he":
            model.initialize_as_he()
        return model


def model_of(config: Config, channels: int, classes: int) -> Network:
    """The network of a run before its first step, on the processor."""
    model = build_model(
        config.model, channels=channels, classes=classes, noise_per_sample=config.noise_per_sample,
        rng=generator(config.seed, "init"), initialization=config.initialization, norm=config.norm,
        image_size=config.image_size,
    )
    if config.initial_scale != 1:
        for incoming in model.incoming():
            incoming.scale(config.initial_scale)
    return model
