"""Folders of pictures, ``train/CLASS/`` and ``test/CLASS/``, decoded once and kept in a cache.

The bytes of the files decide whether what was decoded still holds, not their dates; in one process as well.
"""

import functools
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import torch
from tqdm import tqdm

from lrreg_utils.errors import UserError
from lrreg_utils.files import cache_dir, remove_leftovers, whole_zip, write_atomically
from lrreg_utils.images.dataset import Images, Split, with_statistics
from lrreg_utils.images.decoding import decode, decoder_id
from lrreg_utils.images.folder_files import Unusable, data_error, list_classes, read_file, unusable_files


@dataclass(frozen=True)
class Picture:
    """A file, the number of its class, and the hash of its bytes; None where it could not be read."""

    path: str
    label: int
    digest: bytes | None


@dataclass(frozen=True)
class Listing:
    """A whole folder at one moment. Equal listings give equal images, wherever the files lie."""

    key: str
    image_size: int
    classes: tuple[str, ...]
    pictures: dict[str, list[Picture]] = field(compare=False)
    folder: Path = field(compare=False)


def read_folder(path: Path, image_size: int) -> Images:
    """The data set in ``path/train/CLASS/`` and ``path/test/CLASS/``, brought to one size.

    Raises:
        UserError: a folder that is missing, empty or inconsistent, or pictures that cannot be used.
    """
    _check_folder(path)
    classes = {}
    for name in ("train", "test"):
        if not os.path.isdir(path / name):
            raise data_error(
                f"{path} has no {name}/ folder; the layout is "
                f"{path.name}/{name}/CLASS/IMAGE for train and test"
            )
        classes[name] = list_classes(path / name)
    if other := classes["train"].keys() ^ classes["test"].keys():
        raise data_error(
            f"{path}: train/ and test/ must have the same class folders; "
            f"only one of them has {', '.join(sorted(other))}"
        )
    if len(classes["train"]) < 2:
        raise data_error(f"{path} has one class ({', '.join(classes['train'])}); at least two are needed")
    return _images(_take_stock(path, image_size, classes))


def _check_folder(path: Path) -> None:
    if os.path.isdir(path) and os.access(path, os.R_OK | os.X_OK):
        return
    try:
        os.stat(path)
    except FileNotFoundError:
        raise data_error(f"the folder {path} does not exist") from None
    except OSError as error:  # a name that is too long, say, or a folder above that is closed to us
        raise data_error(f"the folder {path} cannot be read ({error.strerror})") from None
    except ValueError as error:  # a zero byte
        raise data_error(f"no folder can have this name ({error})") from None
    if os.path.isdir(path):
        raise data_error(f"the folder {path} cannot be read (Permission denied)")
    raise data_error(f"{path} is a file, not a folder")


def _take_stock(path: Path, image_size: int, classes: dict[str, dict[str, list[str]]]) -> Listing:
    names = tuple(classes["train"])
    pictures = {
        split: [Picture(file, label, _digest(file)) for file, label in _bar(
            [(file, label) for label, name in enumerate(names) for file in found[name]], f"checking {split}/"
        )]
        for split, found in classes.items()
    }
    content = hashlib.sha256(repr((decoder_id(), image_size, names)).encode("utf-8", "surrogateescape"))
    for split, found in pictures.items():
        content.update(f"{split} {len(found)}".encode())
        for picture in found:
            content.update(picture.label.to_bytes(8, "big") + (picture.digest or b""))
    return Listing(content.hexdigest(), image_size, names, pictures, path)


def _bar(items: list, title: str) -> tqdm:
    return tqdm(items, title, leave=False, disable=None)


def _digest(file: str) -> bytes | None:
    try:
        return hashlib.sha256(read_file(file)).digest()
    except Unusable:  # decoding meets it again, and names it together with all others
        return None


@functools.lru_cache(maxsize=4)
def _images(listing: Listing) -> Images:
    cache = _cache_file(listing)
    splits = _read_cache(cache, listing) if cache else None
    if splits is None:
        splits = _decode(listing)
        if cache:
            _write_cache(cache, listing, splits)
    return with_statistics(splits["train"], splits["test"], listing.classes)


def _decode(listing: Listing) -> dict[str, Split]:
    size = listing.image_size
    try:
        pixels = {name: torch.empty(len(found), 3, size, size, dtype=torch.uint8)
                  for name, found in listing.pictures.items()}
    except RuntimeError:  # how torch says that there is not so much memory
        count = sum(map(len, listing.pictures.values()))
        need = f"{count * 3 * size**2 / 1e9:.0f} GB"
        raise data_error(f"{listing.folder}: {count} images of {size}x{size} need {need} of memory; "
                         "choose a smaller size") from None
    unusable = []
    for name, found in listing.pictures.items():
        for row, picture in enumerate(_bar(found, f"reading {name}/")):
            try:
                pixels[name][row] = _decode_unchanged(picture, size)
            except Unusable as reason:
                unusable.append((picture.path, reason))
    if unusable:
        raise unusable_files(unusable)
    return {name: Split(pixels[name], _labels(found)) for name, found in listing.pictures.items()}


def _decode_unchanged(picture: Picture, image_size: int) -> torch.Tensor:
    content = read_file(picture.path)
    if hashlib.sha256(content).digest() != picture.digest:
        raise Unusable("changed while it was read", "start again when nothing writes there")
    return decode(content, image_size)


def _labels(pictures: list[Picture]) -> torch.Tensor:
    return torch.tensor([picture.label for picture in pictures])


def _cache_file(listing: Listing) -> Path | None:
    """One file for a folder and a size: pixels of other content, or of another Pillow, are replaced."""
    where = hashlib.sha256(os.fsencode(f"{listing.folder.resolve()}/{listing.image_size}")).hexdigest()
    try:
        return cache_dir() / f"pictures-{where[:16]}.pt"
    except UserError:  # no home folder
        return None


def _read_cache(file: Path, listing: Listing) -> dict[str, Split] | None:
    """The decoded splits; None where there are none, only others', or only a damaged file."""
    if not whole_zip(file):
        return None
    try:
        stored = torch.load(file, weights_only=True)
        splits = {name: Split(*stored[name]) for name in listing.pictures}
        sound = stored["key"] == listing.key and all(_fits(splits[name], name, listing) for name in splits)
    except Exception:  # torch raises many kinds for a damaged file; all mean: decode again
        return None
    return splits if sound else None


def _fits(split: Split, name: str, listing: Listing) -> bool:
    labels = _labels(listing.pictures[name])
    right = split.images.shape == (len(labels), 3, listing.image_size, listing.image_size)
    return right and split.images.dtype == torch.uint8 and torch.equal(split.labels, labels)


def _write_cache(file: Path, listing: Listing, splits: dict[str, Split]) -> None:
    stored = {name: (split.images, split.labels) for name, split in splits.items()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(file)  # another process that is writing it now loses its copy, nothing else
        write_atomically(file, lambda target: torch.save(stored | {"key": listing.key}, target))
    except (OSError, RuntimeError):  # torch wraps a full disk in a RuntimeError
        pass  # a cache that cannot be written costs time, nothing else
