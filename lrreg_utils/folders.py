"""Folders of pictures in torchvision's ImageFolder layout, decoded once and kept in a cache."""

import hashlib
import os
from pathlib import Path

import torch
from tqdm import tqdm

from lrreg_utils.datasets import Images, Split, with_statistics
from lrreg_utils.errors import UserError
from lrreg_utils.files import cache_dir, write_atomically


def read_folder(path: Path, image_size: int) -> Images:
    """The data set in ``path/train/CLASS/`` and ``path/test/CLASS/``, brought to one size.

    Raises:
        UserError: a folder that is missing, empty or inconsistent, or a picture that cannot be used.
    """
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
    return with_statistics(splits["train"], splits["test"], classes)


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
