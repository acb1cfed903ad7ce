"""Image sources, each as one uint8 tensor and labels per split.

``digits``       scikit-learn's 1,797 handwritten digits, embedded: nothing to download
``cifar10``      torchvision's CIFAR-10, downloaded once on request and checked
``folder:PATH``  any folder in torchvision's ImageFolder layout, with ``train/`` and ``test/``
"""

import functools
import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch.nn import functional as F
from tqdm import tqdm

from lrreg_utils.config import Config
from lrreg_utils.errors import UserError
from lrreg_utils.files import write_atomically
from lrreg_utils.seeding import generator

# Mean and std of CIFAR-10's training pixels, 0 to 255, as the authors' code rounds them
CIFAR10_MEAN = (125.3, 123.0, 113.9)
CIFAR10_STD = (63.0, 62.1, 66.7)
DIGITS_TEST_PER_CLASS = 50


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


def normalize(images: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """uint8 (N, channels, H, W) to float32 with the given per-channel mean and std taken out."""
    return (images.float() - mean.view(-1, 1, 1)) / std.view(-1, 1, 1)


def cache_dir() -> Path:
    """Where downloads and decoded folders are kept: ``$LRREG_CACHE`` or ``~/.cache/lrreg_utils``."""
    return Path(os.environ.get("LRREG_CACHE") or Path.home() / ".cache" / "lrreg_utils")


def prepare(config: Config) -> Images:
    """The images of a run: its source, its balanced subset and its fixed pixel noise.

    Raises:
        UserError: a source that cannot be read, a class with too few images for a balanced subset, or a
            batch larger than the training set.
    """
    images = load_images(config.data, config.image_size)
    if config.train_size is not None and config.train_size < len(images.train):
        rng = generator(config.seed, "subset")
        images = replace(images, train=balanced_subset(images.train, config.train_size, rng))
    if config.pixel_noise > 0:
        images = add_pixel_noise(images, config.pixel_noise, generator(config.seed, "pixel_noise"))
    if config.batch_size > len(images.train):
        raise UserError(
            f"batch_size {config.batch_size} is larger than the training set ({len(images.train)} images)"
        )
    return images


@functools.lru_cache(maxsize=4)
def load_images(source: str, image_size: int) -> Images:
    """Read ``digits``, ``cifar10`` or ``folder:PATH`` at ``image_size`` x ``image_size`` pixels.

    Raises:
        UserError: an unknown source, or one that is missing, damaged or inconsistent.
    """
    if source == "digits":
        return _digits(image_size)
    if source == "cifar10":
        return _cifar10(image_size)
    if source.startswith("folder:"):
        return _folder(Path(source.removeprefix("folder:")).expanduser(), image_size)
    raise UserError(f"data: {source!r} is unknown; choose digits, cifar10 or folder:PATH")


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
            raise UserError(
                f"train_size {count} needs {share} images of each class; class {label} has {len(members)}"
            )
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


def _with_statistics(train: Split, test: Split, classes: tuple[str, ...]) -> Images:
    pixels = train.images.double()
    mean, std = pixels.mean((0, 2, 3)), pixels.std((0, 2, 3))
    if not bool((std > 0).all()):
        raise UserError("data: the training images are all one colour: there is nothing to learn")
    return Images(train, test, classes, mean.float(), std.float())


def _digits(image_size: int) -> Images:
    from sklearn.datasets import load_digits  # here, so that the other sources do without it

    bunch = load_digits()
    small = torch.tensor(bunch.images, dtype=torch.float32).unsqueeze(1) * (255 / 16)
    size = (image_size, image_size)
    images = _to_uint8(F.interpolate(small, size, mode="bilinear", antialias=True))
    everything = Split(images, torch.tensor(bunch.target, dtype=torch.int64))
    # The split is the same for every seed: a test image is never trained on anywhere in the book
    order = torch.randperm(len(everything), generator=generator(0, "digits split"))
    test_mask = torch.zeros(len(everything), dtype=torch.bool)
    for label in range(10):
        members = order[everything.labels[order] == label]
        test_mask[members[:DIGITS_TEST_PER_CLASS]] = True
    train = Split(everything.images[~test_mask], everything.labels[~test_mask])
    test = Split(everything.images[test_mask], everything.labels[test_mask])
    return _with_statistics(train, test, tuple(str(digit) for digit in range(10)))


def _cifar10(image_size: int, download: bool = False) -> Images:
    from torchvision.datasets import CIFAR10  # takes a second to import

    if image_size != 32:
        raise UserError(f"image_size must be 32 for cifar10, got {image_size}")
    root = cache_dir()
    try:
        splits = [CIFAR10(root, train=train, download=download) for train in (True, False)]
    except (RuntimeError, OSError) as error:
        if download:
            raise UserError(f"data: CIFAR-10 could not be fetched into {root}: {error}") from None
        raise UserError(
            f"data: no intact CIFAR-10 in {root}; fetch it with: python -m lrreg_utils data cifar10"
        ) from None
    train, test = (
        Split(torch.from_numpy(split.data).permute(0, 3, 1, 2).contiguous(), torch.tensor(split.targets))
        for split in splits
    )
    mean, std = torch.tensor(CIFAR10_MEAN), torch.tensor(CIFAR10_STD)
    return Images(train, test, tuple(splits[0].classes), mean, std)


def fetch_cifar10() -> Images:
    """Download CIFAR-10 where it is missing, and check it against its checksums.

    Raises:
        UserError: no network, a download that does not match, or a folder that cannot be written.
    """
    return _cifar10(32, download=True)


def _folder(path: Path, image_size: int) -> Images:
    from torchvision.datasets import ImageFolder  # takes a second to import

    if not path.is_dir():
        raise UserError(f"data: the folder {path} does not exist")
    listed = {}
    for name in ("train", "test"):
        if not (path / name).is_dir():
            raise UserError(
                f"data: {path} has no {name}/ folder; the layout is "
                f"{path.name}/{name}/CLASS/IMAGE for train and test"
            )
        try:
            listed[name] = ImageFolder(path / name)
        except FileNotFoundError as error:
            raise UserError(f"data: {path / name}: {_first_line(error)}") from None
    classes = tuple(listed["train"].classes)
    other = set(classes) ^ set(listed["test"].classes)
    if other:
        raise UserError(
            f"data: {path}: train/ and test/ must have the same class folders; "
            f"only one of them has {', '.join(sorted(other))}"
        )
    if len(classes) < 2:
        raise UserError(f"data: {path} has one class ({classes[0]}); at least two are needed")
    cache = cache_dir() / f"{path.name}-{_listing_id(path, listed, image_size)}.pt"
    splits = _read_cache(cache)
    if splits is None:
        splits = {name: _decode(found.samples, image_size) for name, found in listed.items()}
        _write_cache(cache, splits)
    return _with_statistics(splits["train"], splits["test"], classes)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _listing_id(path: Path, listed: dict, image_size: int) -> str:
    """Changes whenever a file is added, removed, renamed or written to."""
    digest = hashlib.sha256(f"{path.resolve()}/{image_size}".encode())
    for found in listed.values():
        for file, _ in found.samples:
            status = os.stat(file)
            digest.update(f"{file}/{status.st_size}/{status.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def _decode(samples: list[tuple[str, int]], image_size: int) -> Split:
    images = torch.empty(len(samples), 3, image_size, image_size, dtype=torch.uint8)
    for row, (file, _) in enumerate(tqdm(samples, "reading images", leave=False, disable=None)):
        images[row] = _read_image(Path(file), image_size)
    return Split(images, torch.tensor([label for _, label in samples]))


def _read_image(file: Path, image_size: int) -> torch.Tensor:
    """One RGB image, its shorter side brought to ``image_size`` and its centre cut out."""
    from PIL import Image
    from torchvision.transforms import functional as transforms

    try:
        with Image.open(file) as image:
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UserError(f"data: {file} is not a readable image: {_first_line(error)}") from None
    if image.mode != "RGB":
        kind = "grayscale" if image.mode in ("1", "L", "LA", "I", "I;16", "F") else f"of mode {image.mode}"
        raise UserError(f"data: {file} is {kind}; every image must be RGB: convert it and start again")
    if min(image.size) < image_size:
        raise UserError(
            f"data: {file} is {image.width}x{image.height}; every image must be at least "
            f"{image_size}x{image_size}: remove it or choose a smaller --image-size"
        )
    cut = transforms.center_crop(transforms.resize(image, image_size), image_size)
    return transforms.pil_to_tensor(cut)


def _read_cache(file: Path) -> dict[str, Split] | None:
    """The decoded splits; None where there are none, or only a damaged file."""
    try:
        stored = torch.load(file, weights_only=True)
        return {name: Split(*stored[name]) for name in ("train", "test")}
    except Exception:  # torch raises many kinds for a damaged file; all mean: decode again
        return None


def _write_cache(file: Path, splits: dict[str, Split]) -> None:
    stored = {name: (split.images, split.labels) for name, split in splits.items()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, lambda target: torch.save(stored, target))
    except OSError:
        pass  # a cache that cannot be written costs time, nothing else
