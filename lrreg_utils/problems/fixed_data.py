"""The patch experiment with every draw made once: one fixed training set, so one fixed objective.

In the experiment itself sign, scale and group of a patch are drawn whenever an example is used. Here they are
drawn once per example, before training.
"""

from dataclasses import dataclass

import torch

from lrreg_utils.devices import known_state
from lrreg_utils.experiments.config import Config, Shares
from lrreg_utils.images.dataset import Split
from lrreg_utils.images.patches import BOTH, CLEAN, PATCH_ONLY, draw_groups, draw_patterns, write_patches
from lrreg_utils.images.sources import normalize, read_images
from lrreg_utils.seeding import generator

# What the authors' code makes on average, as groups that stay
SHARES = Shares(0.20, 0.16, 0.64)
PROBES = {"clean": CLEAN, "patched": BOTH, "patch_only": PATCH_ONLY}


@dataclass(frozen=True)
class Examples:
    """Inputs float64 (N, features) and labels int64 (N,)."""

    inputs: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Frozen:
    """A training set and the test sets ``clean``, ``patched`` and ``patch_only``, on the same test images."""

    train: Examples
    tests: dict[str, Examples]

    def through(self, layer) -> "Frozen":
        """The same examples with ``layer`` applied to all inputs."""
        def changed(examples: Examples) -> Examples:
            return Examples(layer(examples.inputs), examples.labels)

        return Frozen(changed(self.train), {name: changed(test) for name, test in self.tests.items()})


@known_state()
def freeze(config: Config) -> Frozen:
    """Draw groups and patches of a config's images once; float64, one row an image.

    Raises:
        UserError: see `read_images`.
    """
    images = read_images(config)
    patterns = draw_patterns(config, images.channels, len(images.classes))

    def patched(split: Split, groups: torch.Tensor, purpose: str) -> Examples:
        pixels = normalize(split.images, images.mean, images.std)
        rng = generator(config.seed, f"frozen {purpose}")
        inputs = write_patches(pixels, split.labels, groups, patterns, rng)
        return Examples(inputs.flatten(1).double(), split.labels)

    groups = draw_groups(len(images.train), SHARES, generator(config.seed, "groups"))
    tests = {name: patched(images.test, torch.full_like(images.test.labels, group), name)
             for name, group in PROBES.items()}
    return Frozen(patched(images.train, groups, "train"), tests)
