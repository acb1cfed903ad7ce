"""A data set as tensors: two splits, class names, and the constants that normalize its pixels."""

import hashlib
from dataclasses import dataclass

import torch

from lrreg_utils.errors import UserError


@dataclass(frozen=True)
class Split:
    """Images uint8 (N, channels, size, size) and labels int64 (N,)."""

    images: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Images:
    """A data set: two splits, class names, and the constants that normalize its pixels.

    ``mean`` and ``std`` are float32 (channels,), in units of the uint8 values.
    """

    train: Split
    test: Split
    classes: tuple[str, ...]
    mean: torch.Tensor
    std: torch.Tensor

    @property
    def channels(self) -> int:
        return self.train.images.shape[1]

    @property
    def sha256(self) -> str:
        """A fingerprint of every pixel and label."""
        digest = hashlib.sha256()
        for split in (self.train, self.test):
            digest.update(split.images.contiguous().numpy())
            digest.update(split.labels.numpy())
        return digest.hexdigest()


def with_statistics(train: Split, test: Split, classes: tuple[str, ...]) -> Images:
    """A data set normalized by the mean and std of its own training pixels.

    Raises:
        UserError: the training images have no contrast.
    """
    pixels = train.images.double()
    mean, std = pixels.mean((0, 2, 3)), pixels.std((0, 2, 3))
    if not bool((std > 0).all()):
        raise UserError("data: the training images are all one colour: there is nothing to learn")
    return Images(train, test, classes, mean.float(), std.float())
