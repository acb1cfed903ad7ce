import os
import tarfile
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision.datasets import CIFAR10

from lrreg_utils import fetch, load_images
from lrreg_utils.errors import UserError
from lrreg_utils.files import cache_dir
from lrreg_utils.images import cifar10
from lrreg_utils.images import download as fetching


def test_it_is_fetched_checked_and_read(small_cifar10):
    folder = fetch("cifar10")
    assert folder == cache_dir() / "cifar-10-batches-py"
    assert sorted(file.name for file in cache_dir().iterdir()) == [folder.name, small_cifar10.name]
    images = load_images("cifar10", 32)
    right = CIFAR10(cache_dir())
    assert torch.equal(images.train.images, torch.from_numpy(right.data).permute(0, 3, 1, 2))
    assert images.train.labels.tolist() == [index % 10 for index in range(20)]
    assert len(images.test) == 10
    assert images.classes == tuple(f"class{index}" for index in range(10))


def test_it_is_normalized_with_the_numbers_of_the_paper(small_cifar10):
    fetch("cifar10")
    images = load_images("cifar10", 32)
    assert images.mean.tolist() == pytest.approx([125.3, 123.0, 113.9])
    assert images.std.tolist() == pytest.approx([63.0, 62.1, 66.7])


def test_it_has_one_size():
    with pytest.raises(UserError, match="image_size must be 32 for cifar10, got 16"):
        load_images("cifar10", 16)


def test_nothing_is_fetched_where_it_is_intact(small_cifar10, monkeypatch):
    fetch("cifar10")
    (cache_dir() / small_cifar10.name).unlink()
    monkeypatch.setattr(cifar10, "ARCHIVE", replace(cifar10.ARCHIVE, sources=("http://127.0.0.1:9/",)))
    fetch("cifar10")


def test_an_archive_that_was_put_there_needs_no_network(small_cifar10, monkeypatch):
    cache_dir().mkdir()
    (cache_dir() / small_cifar10.name).write_bytes(small_cifar10.read_bytes())
    monkeypatch.setattr(cifar10, "ARCHIVE", replace(cifar10.ARCHIVE, sources=("http://127.0.0.1:9/",)))
    assert len(list(fetch("cifar10").iterdir())) == 3


@pytest.mark.parametrize("damage", [
    lambda file: file.unlink(), lambda file: file.write_bytes(b""), lambda file: file.write_bytes(b"x" * 999),
])
def test_a_damaged_file_is_put_right(small_cifar10, damage):
    folder = fetch("cifar10")
    whole = (folder / "test_batch").read_bytes()
    damage(folder / "test_batch")
    with pytest.raises(UserError, match=r"no intact CIFAR-10 in .*; fetch it with: python -m lrreg_utils"):
        load_images("cifar10", 32)
    fetch("cifar10")
    assert (folder / "test_batch").read_bytes() == whole


def test_a_notebook_is_told_the_call(monkeypatch):
    monkeypatch.setattr(cifar10, "in_notebook", lambda: True)
    with pytest.raises(UserError, match=r'fetch it with: lr.fetch\("cifar10"\)'):
        load_images("cifar10", 32)


def test_a_notebook_is_known_by_its_kernel(monkeypatch):
    assert not fetching.in_notebook()
    monkeypatch.setattr("IPython.get_ipython", lambda: type("Shell", (), {"kernel": 1})())
    assert fetching.in_notebook()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_cache_that_cannot_be_written(small_cifar10, tmp_path, monkeypatch, place):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LRREG_CACHE", str(tmp_path / place))
    with pytest.raises(UserError, match=r"cannot be written \(.+\); make room there, or set LRREG_CACHE"):
        fetch("cifar10")


def test_a_full_disk_while_it_is_unpacked(small_cifar10, monkeypatch):
    def full(*arguments, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "extractall", full)
    with pytest.raises(UserError, match=r"cannot be written \(No space left on device\)"):
        fetch("cifar10")
    assert [file.name for file in cache_dir().iterdir()] == [small_cifar10.name]


def test_something_else_in_the_place_of_the_folder(small_cifar10):
    cache_dir().mkdir()
    (cache_dir() / "cifar-10-batches-py").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        fetch("cifar10")


def test_files_are_put_in_place_one_by_one(small_cifar10, monkeypatch):
    folder = fetch("cifar10")
    (folder / "data_batch_1").write_bytes(b"")
    moved, original = [], os.replace

    def note(source, target):
        moved.append(os.path.basename(target))
        original(source, target)

    monkeypatch.setattr(os, "replace", note)
    fetch("cifar10")
    assert moved == ["batches.meta", "data_batch_1", "test_batch"]


def test_a_warning_of_numpy_about_old_arrays_stops_nothing(small_cifar10, monkeypatch):
    fetch("cifar10")
    original = CIFAR10.__init__

    def warns(self, *arguments, **named):
        warnings.warn("dtype(): align should be passed as Python or NumPy boolean", stacklevel=2)
        original(self, *arguments, **named)

    monkeypatch.setattr(CIFAR10, "__init__", warns)
    assert load_images("cifar10", 32).train.images.numpy().dtype == np.uint8
