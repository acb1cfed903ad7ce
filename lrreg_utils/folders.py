"""Folders of pictures in torchvision's ImageFolder layout, decoded once and kept in a cache."""

import hashlib
import os
from pathlib import Path

import torch
from tqdm import tqdm

from lrreg_utils.datasets import Images, Split, with_statistics
from lrreg_utils.errors import UserError
from lrreg_utils.files import cache_dir, whole_zip, write_atomically
from lrreg_utils.picture_files import check_tree


def read_folder(path: Path, image_size: int) -> Images:
    """The data set in ``path/train/CLASS/`` and ``path/test/CLASS/``, brought to one size.

    Raises:
        UserError: a folder that is missing, empty or inconsistent, or a picture that cannot be used.
    """
    from torchvision.datasets.folder import IMG_EXTENSIONS, ImageFolder  # takes a second to import

    _check_folder(path)
    listed = {}
    for name in ("train", "test"):
        if not os.path.isdir(path / name):
            raise UserError(
                f"data: {path} has no {name}/ folder; the layout is "
                f"{path.name}/{name}/CLASS/IMAGE for train and test"
            )
        check_tree(path / name, IMG_EXTENSIONS)
        try:
            listed[name] = ImageFolder(path / name)
        except OSError as error:
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
    splits = _read_cache(cache, listed, image_size)
    if splits is None:
        splits = {name: _decode(found.samples, image_size) for name, found in listed.items()}
        _write_cache(cache, splits)
    return with_statistics(splits["train"], splits["test"], classes)


def _check_folder(path: Path) -> None:
    if os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK):
        return
    try:
        os.stat(path)
    except FileNotFoundError:
        raise UserError(f"data: the folder {path} does not exist") from None
    except OSError as error:  # a name that is too long, say, or a folder above that is closed to us
        raise UserError(f"data: the folder {path} cannot be read ({error.strerror})") from None
    except ValueError as error:  # a zero byte
        raise UserError(f"data: no folder can have this name ({error})") from None
    if os.path.isdir(path):
        raise UserError(f"data: the folder {path} cannot be read (Permission denied)")
    raise UserError(f"data: {path} is a file, not a folder")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _listing_id(path: Path, listed: dict, image_size: int) -> str:
    """Changes whenever a file is added, removed, renamed or written to."""
    digest = hashlib.sha256(os.fsencode(f"{path.resolve()}/{image_size}"))  # any bytes can be a name
    for found in listed.values():
        for file, _ in found.samples:
            status = os.stat(file)
            digest.update(os.fsencode(f"{file}/{status.st_size}/{status.st_mtime_ns}"))
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


def _read_cache(file: Path, listed: dict, image_size: int) -> dict[str, Split] | None:
    """The decoded splits; None where there are none, or only a damaged file."""
    if not whole_zip(file):
        return None
    try:
        stored = torch.load(file, weights_only=True)
        splits = {name: Split(*stored[name]) for name in listed}
        sound = all(_fits(splits[name], found.samples, image_size) for name, found in listed.items())
    except Exception:  # torch raises many kinds for a damaged file; all mean: decode again
        return None
    return splits if sound else None


def _fits(split: Split, samples: list[tuple[str, int]], image_size: int) -> bool:
    right = split.images.shape == (len(samples), 3, image_size, image_size)
    labels = [label for _, label in samples]
    return right and split.images.dtype == torch.uint8 and split.labels.tolist() == labels


def _write_cache(file: Path, splits: dict[str, Split]) -> None:
    stored = {name: (split.images, split.labels) for name, split in splits.items()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, lambda target: torch.save(stored, target))
    except (OSError, RuntimeError):  # torch wraps a full disk in a RuntimeError
        pass  # a cache that cannot be written costs time, nothing else
