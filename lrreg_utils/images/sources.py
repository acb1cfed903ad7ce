"""Image sources, each as one uint8 tensor and labels per split.

``digits``       scikit-learn's 1,797 handwritten digits, embedded: nothing to download
``cifar10``      torchvision's CIFAR-10, downloaded once on request and checked
``folder:PATH``  any folder in torchvision's ImageFolder layout, with ``train/`` and ``test/``
"""

import functools
import gzip
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from lrreg_utils.devices import known_state
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.field_checks import shown
from lrreg_utils.images.cifar10 import CIFAR10_SIZE, fetch_cifar10, read_cifar10
from lrreg_utils.images.dataset import Images, Split, with_statistics
from lrreg_utils.images.folder import read_folder
from lrreg_utils.seeding import generator
from lrreg_utils.tables import counted

DIGITS_TEST_PER_CLASS = 50


def normalize(images: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """uint8 (N, channels, H, W) to float32 with the given per-channel mean and std taken out."""
    return (images.float() - mean.view(-1, 1, 1)) / std.view(-1, 1, 1)


def prepare(config: Config) -> Images:
    """The images to train a run on.

    Raises:
        UserError: see `read_images`; or a batch larger than the training set.
    """
    images = read_images(config)
    if (largest := max(config.batch_sizes())) > len(images.train):
        raise UserError(f"batch_size {largest} is larger than the training set ("
                        f"{counted(len(images.train), 'image')})")
    return images


@known_state()
def read_images(config: Config) -> Images:
    """The images of a run: its source, its balanced subset and its fixed pixel noise.

    Raises:
        UserError: a source that cannot be read, or a class with too few images for a balanced subset.
    """
    images = load_images(config.data, config.image_size)
    if config.train_size is not None and config.train_size < len(images.train):
        rng = generator(config.seed, "subset")
        images = replace(images, train=balanced_subset(images.train, config.train_size, rng))
    if config.pixel_noise > 0:
        images = add_pixel_noise(images, config.pixel_noise, generator(config.seed, "pixel_noise"))
    return images


@known_state()
def load_images(source: str, image_size: int) -> Images:
    """Read ``digits``, ``cifar10`` or ``folder:PATH`` at ``image_size`` x ``image_size`` pixels.

    A folder's files are looked at every time, and decoded again where one of them has changed. Pictures are
    turned upright and brought to sRGB as their files say; a name that begins with a dot is passed over.

    Raises:
        UserError: an unknown source, or one that is missing, damaged or inconsistent.
    """
    if source == "folder:":
        raise UserError("data: folder: needs a path, as in folder:PATH")
    if source == "digits":
        return _digits(image_size)
    if source == "cifar10":
        if image_size != CIFAR10_SIZE:
            raise UserError(f"image_size must be {CIFAR10_SIZE} for cifar10, got {image_size}")
        return read_cifar10()
    if source.startswith("folder:"):
        try:
            path = Path(source.removeprefix("folder:")).expanduser()
        except RuntimeError:
            raise UserError(f"data: {source}: there is no such home folder; write the path out") from None
        return read_folder(path, image_size)
    raise UserError(f"data: {source!r} is unknown; choose digits, cifar10 or folder:PATH")


def fetch(source: str) -> Path:
    """Download a data set where it is missing, and check it: ``lr.fetch("cifar10")``, 170 MB.

    Returns:
        The folder that holds it: below ``$LRREG_CACHE``, or else below ``~/.cache/lrreg_utils``.

    Raises:
        UserError: no source delivers it whole, or the folder cannot be written; or nothing is to be fetched.
    """
    if source != "cifar10":
        raise UserError(f"data: only cifar10 is downloaded, got {shown(source)}")
    return fetch_cifar10()


def balanced_subset(split: Split, count: int, rng: torch.Generator) -> Split:
    """``count`` examples with class counts that differ by at most one.

    Raises:
        UserError: a class has too few examples.
    """
    classes = int(split.labels.max()) + 1
    order = torch.randperm(len(split), generator=rng)
    chosen = []
    for label in range(classes):
        share = count // classes + (label < count % classes)
        members = order[split.labels[order] == label]
        if share > len(members):
            raise UserError(f"train_size {count} needs {counted(share, 'image')} of each class; "
                            f"class {label} has {len(members)}")
        chosen.append(members[:share])
    chosen = torch.cat(chosen).sort().values
    return Split(split.images[chosen], split.labels[chosen])


def add_pixel_noise(images: Images, std: float, rng: torch.Generator) -> Images:
    """Add Gaussian noise once to every image, ``std`` in stds of the data's pixels.

    Contrast is lowered first so that four standard deviations fit into 0 to 255. The new ``mean``
    and ``std`` undo this: after `normalize`, the picture keeps the scale it had without noise.
    """
    splits = {name: getattr(images, name) for name in ("train", "test")}
    clean = {n: normalize(s.images, images.mean, images.std) for n, s in splits.items()}
    largest = max(float(pixels.abs().max()) for pixels in clean.values())
    gain = 127.5 / (largest + 4 * std)

    def noisy(name: str) -> Split:
        pixels = clean[name] + std * torch.randn(clean[name].shape, generator=rng)
        return Split(_to_uint8(127.5 + gain * pixels), splits[name].labels)

    unit = torch.ones_like(images.mean)
    return replace(
        images, train=noisy("train"), test=noisy("test"), mean=127.5 * unit, std=gain * unit
    )


def _to_uint8(pixels: torch.Tensor) -> torch.Tensor:
    return pixels.round().clamp(0, 255).to(torch.uint8)


@functools.lru_cache(maxsize=4)
def _digits(image_size: int) -> Images:
    rows = torch.tensor(_digit_rows())  # 64 pixels from 0 to 16, and the digit
    small = rows[:, :64].float().view(-1, 1, 8, 8) * (255 / 16)
    size = (image_size, image_size)
    images = _to_uint8(F.interpolate(small, size, mode="bilinear", antialias=True))
    everything = Split(images, rows[:, 64].long())
    # The split is the same for every seed: a test image is never trained on anywhere in the book
    order = torch.randperm(len(everything), generator=generator(0, "digits split"))
    test_mask = torch.zeros(len(everything), dtype=torch.bool)
    for label in range(10):
        members = order[everything.labels[order] == label]
        test_mask[members[:DIGITS_TEST_PER_CLASS]] = True
    train = Split(everything.images[~test_mask], everything.labels[~test_mask])
    test = Split(everything.images[test_mask], everything.labels[test_mask])
    return with_statistics(train, test, tuple(str(digit) for digit in range(10)))


def _digit_rows() -> np.ndarray:
    """Scikit-learn's digits, (1797, 65): read from its own file, for its import takes as long as torch's."""
    (folder,) = find_spec("sklearn").submodule_search_locations
    try:
        with gzip.open(Path(folder) / "datasets" / "data" / "digits.csv.gz", "rt") as file:
            return np.loadtxt(file, delimiter=",")
    except (OSError, ValueError):  # another release keeps it elsewhere
        from sklearn.datasets import load_digits

        pixels, digits = load_digits(return_X_y=True)
        return np.column_stack([pixels, digits])
