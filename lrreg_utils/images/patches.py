"""The hard-to-fit pattern: patches that tell the class, and the three groups that carry them.

Source: the authors' published code, cwein3/large-lr-code on GitHub.
The patch of an example with label ``c`` is ``z + a * pattern[c]`` with a random amplitude ``a``:

    clean        no patch
    both         a = s            s = +1 or -1, a fair coin at each access
    patch_only   a = s * 1.75 * u u uniform in [0, 1]; the rest of the image is 0

All in normalized units, written after normalization.
"""

from dataclasses import dataclass, replace

import torch

from lrreg_utils.devices import known_state
from lrreg_utils.experiments.config import Config, Shares
from lrreg_utils.seeding import generator

#: Names of the groups; an example's group is a place in this list.
GROUPS = ("clean", "patch_only", "both")
CLEAN, PATCH_ONLY, BOTH = range(len(GROUPS))


@dataclass(frozen=True)
class Patterns:
    """What the patches of one run are made of.

    Attributes:
        z: float32 (channels, size, size), shared by all classes.
        pattern: float32 (classes, channels, size, size), one for each class.
        patch_only_scale: largest amplitude of a patch-only example.
        place: where the patch is written: ``center``, or ``corner`` for the top left.
    """

    z: torch.Tensor
    pattern: torch.Tensor
    patch_only_scale: float
    place: str = "center"

    def to(self, device: torch.device | str) -> "Patterns":
        return replace(self, z=self.z.to(device), pattern=self.pattern.to(device))


@known_state()
def draw_patterns(config: Config, channels: int, classes: int) -> Patterns:
    """Draw ``z ~ patch_std * N(0, 1)`` and each class's pattern ``~ U[-strength, strength]``."""
    rng = generator(config.seed, "patterns")
    shape = (channels, config.patch_size, config.patch_size)
    z = config.patch_std * torch.randn(shape, generator=rng)
    uniform = 2 * torch.rand((classes, *shape), generator=rng) - 1
    return Patterns(z, config.patch_strength * uniform, config.patch_only_scale, config.patch_place)


@known_state()
def draw_groups(count: int, shares: Shares, rng: torch.Generator) -> torch.Tensor:
    """Draw each example's group once: exact shares (rounded), random places.

    Returns:
        int64 (count,) of `CLEAN`, `PATCH_ONLY`, `BOTH`.
    """
    clean = round(shares.clean * count)
    patch_only = round((shares.clean + shares.patch_only) * count) - clean
    sizes = torch.tensor([clean, patch_only, count - clean - patch_only])
    groups = torch.arange(len(GROUPS)).repeat_interleave(sizes)
    return groups[torch.randperm(count, generator=rng)]


def redraw_patch_only(groups: torch.Tensor, shares: Shares, rng: torch.Generator) -> torch.Tensor:
    """Draw again which patched examples show only their patch; clean ones stay clean."""
    patched = shares.patch_only + shares.both
    if patched == 0:
        return groups
    coin = torch.rand(groups.shape, generator=rng, device=groups.device)
    drawn = torch.where(coin < shares.patch_only / patched, PATCH_ONLY, BOTH)
    return torch.where(groups == CLEAN, CLEAN, drawn)


def patch_slice(image_size: int, patch_size: int, place: str = "center") -> slice:
    """Rows (and columns) of the patch: for 7 pixels of 32, 12 to 18 in the center, 0 to 6 in the corner."""
    first = (image_size - patch_size) // 2 if place == "center" else 0
    return slice(first, first + patch_size)


def write_patches(
    images: torch.Tensor,
    labels: torch.Tensor,
    groups: torch.Tensor,
    patterns: Patterns,
    rng: torch.Generator | torch.Tensor,
) -> torch.Tensor:
    """Write each example's patch on a batch of normalized images.

    Args:
        images: float (N, channels, size, size); not changed.
        labels: int64 (N,), the class each patch tells.
        groups: int64 (N,), one of `CLEAN`, `PATCH_ONLY`, `BOTH` each.
        rng: generator on the device of ``images``; gives the sign and scale of every patch. Or what it would
            give: numbers in [0, 1), float (2, N).

    Returns:
        A new tensor like ``images``.
    """
    drawn = isinstance(rng, torch.Tensor)
    coin, scale = rng if drawn else torch.rand((2, len(images)), generator=rng, device=images.device)
    sign = torch.where(coin < 0.5, 1.0, -1.0)
    only = groups == PATCH_ONLY
    amplitude = sign * torch.where(only, patterns.patch_only_scale * scale, 1.0)
    patch = patterns.z + amplitude.view(-1, 1, 1, 1) * patterns.pattern[labels]

    place = patch_slice(images.shape[-1], patch.shape[-1], patterns.place)
    # where, and not masked_fill: it keeps the order of the memory, on a GPU too
    written = torch.where(only.view(-1, 1, 1, 1), images.new_zeros(()), images)
    region = written[..., place, place]
    written[..., place, place] = torch.where((groups == CLEAN).view(-1, 1, 1, 1), region, patch)
    return written
