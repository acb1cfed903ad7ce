"""The three test sets of the patch experiment, measured after every epoch."""

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch.nn import functional as F

from lrreg_utils.devices import autocast
from lrreg_utils.images.dataset import Images, Split
from lrreg_utils.images.patches import BOTH, CLEAN, PATCH_ONLY, Patterns, write_patches
from lrreg_utils.images.sources import normalize
from lrreg_utils.seeding import Streams
from lrreg_utils.training.metrics import GroupSums, named
from lrreg_utils.training.model import Network

PROBES = {"clean": CLEAN, "patched": BOTH, "patch_only": PATCH_ONLY}
PATCH_ONLY_PROBE_SIZE = 1000  # as in the authors' code
EVALUATION_BATCH = {"cpu": 250, "cuda": 2500}  # small enough for a processor's cache


class Probes:
    """The three test sets of the patch experiment, with the same random draws at every call.

    ``clean``: the test images. ``patched``: the same with their class's patch. ``patch_only``: 1,000
    patches with random labels and no image, drawn by the law of the training set.

    Args:
        streams: of the run; the probes are on their device.
    """

    def __init__(self, images: Images, streams: Streams, precision: str) -> None:
        self.streams, self.device, self.precision = streams, streams.device, precision
        self.mean, self.std = images.mean.to(self.device), images.std.to(self.device)
        test = split_to(images.test, self.device)
        rng = streams.fresh("probe labels")
        labels = torch.randint(len(images.classes), (PATCH_ONLY_PROBE_SIZE,), generator=rng)
        blank = test.images.new_zeros(PATCH_ONLY_PROBE_SIZE, *test.images.shape[1:])
        self.splits = {"clean": test, "patched": test, "patch_only": Split(blank, labels.to(self.device))}

    def normalize(self, images: torch.Tensor) -> torch.Tensor:
        pixels = normalize(images, self.mean, self.std)
        return pixels.contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def measure(self, model: Network, patterns: Patterns) -> dict[str, float | None]:
        """``test_PROBE_loss`` and ``test_PROBE_accuracy`` of a network for every probe."""
        model.eval()
        row = {}
        for name in PROBES:
            sums = GroupSums(1, self.device)
            for inputs, labels in self.batches(name, patterns):
                with autocast(self.precision, self.device):
                    logits = model(inputs).float()
                losses = F.cross_entropy(logits, labels, reduction="none")
                sums.add(losses, logits, labels, torch.zeros_like(labels))
            row |= named("test", [name], *sums.read())
        return row

    def batches(self, name: str, patterns: Patterns) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """A probe as the network sees it: float32 (B, channels, size, size), and labels int64 (B,)."""
        rng = self.streams.fresh(f"probe {name}", self.device)
        split = self.splits[name]
        size = EVALUATION_BATCH[self.device.type]
        for images, labels in zip(split.images.split(size), split.labels.split(size), strict=True):
            groups = torch.full_like(labels, PROBES[name])
            yield write_patches(self.normalize(images), labels, groups, patterns, rng), labels


def split_to(split: Split, device: torch.device) -> Split:
    """The same split on another device."""
    return replace(split, images=split.images.to(device), labels=split.labels.to(device))
