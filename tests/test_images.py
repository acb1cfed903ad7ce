import os
from dataclasses import replace

import numpy as np
import pytest
import torch
import torchvision.datasets
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lrreg_utils import Split, load_images, normalize, prepare
from lrreg_utils.errors import UserError
from lrreg_utils.images import add_pixel_noise, balanced_subset, cache_dir
from lrreg_utils.seeding import generator


class FakeCifar:
    """Five images, each of one colour that tells its split, in torchvision's layout."""

    classes = ("plane", "car")

    def __init__(self, root, train, download):
        self.targets = [0, 1, 0, 1, 0]
        self.data = np.full((5, 32, 32, 3), (10, 20, 30) if train else (1, 2, 3), dtype=np.uint8)


@pytest.fixture
def fake_cifar(monkeypatch):
    monkeypatch.setattr(torchvision.datasets, "CIFAR10", FakeCifar)
    load_images.cache_clear()
    yield load_images("cifar10", 32)
    load_images.cache_clear()


def test_cifar10_is_normalized_with_the_numbers_of_the_paper(fake_cifar):
    assert fake_cifar.mean.tolist() == pytest.approx([125.3, 123.0, 113.9])
    assert fake_cifar.std.tolist() == pytest.approx([63.0, 62.1, 66.7])


def test_cifar10_keeps_rows_colours_and_splits_apart(fake_cifar):
    assert fake_cifar.train.images.shape == (5, 3, 32, 32)
    assert fake_cifar.train.images[0, :, 4, 9].tolist() == [10, 20, 30]
    assert fake_cifar.test.images[0, :, 4, 9].tolist() == [1, 2, 3]
    assert fake_cifar.train.labels.tolist() == [0, 1, 0, 1, 0]


def test_cifar10_has_one_size():
    with pytest.raises(UserError, match="image_size must be 32 for cifar10, got 16"):
        load_images("cifar10", 16)


def test_normalize_takes_each_channels_mean_and_std_out():
    images = torch.tensor([10, 20], dtype=torch.uint8).view(1, 2, 1, 1).expand(1, 2, 3, 3)
    found = normalize(images, torch.tensor([4.0, 5.0]), torch.tensor([2.0, 10.0]))
    assert found.dtype == torch.float32
    assert found[0, 0].unique().tolist() == [3.0]
    assert found[0, 1].unique().tolist() == [1.5]


@pytest.mark.parametrize("size", [8, 16])
def test_digits_are_all_there_and_split_for_good(size):
    digits = load_images("digits", size)
    assert digits.train.images.shape == (1297, 1, size, size)
    assert torch.bincount(digits.test.labels).tolist() == [50] * 10
    assert digits.train.images.dtype == torch.uint8
    pixels = normalize(digits.train.images, digits.mean, digits.std)
    assert float(pixels.mean()) == pytest.approx(0, abs=1e-4)
    assert float(pixels.std()) == pytest.approx(1, abs=1e-4)


def test_digits_at_their_own_size_are_the_originals():
    from sklearn.datasets import load_digits

    digits = load_images("digits", 8)
    found = torch.cat([digits.train.images, digits.test.images]).flatten(1).double().sum(0)
    assert found.tolist() == pytest.approx((load_digits().data * 255 / 16).sum(0), rel=0.01, abs=2)


@given(st.lists(st.integers(0, 3), min_size=8, max_size=60), st.integers(1, 12), st.integers(0, 9))
def test_a_balanced_subset_has_equal_classes_and_no_example_twice(labels, count, seed):
    labels = torch.tensor([0, 1, 2, 3, *labels])
    split = Split(torch.arange(len(labels)), labels)
    try:
        subset = balanced_subset(split, count, generator(seed, "test"))
    except UserError as error:
        assert min(torch.bincount(labels)) < -(-count // 4), error
        return
    counts = torch.bincount(subset.labels, minlength=4)
    assert len(subset) == count
    assert counts.max() - counts.min() <= 1
    assert len(subset.images.unique()) == count
    assert torch.equal(labels[subset.images], subset.labels)


def test_a_subset_larger_than_a_class_names_the_class():
    split = Split(torch.arange(5), torch.tensor([0, 0, 0, 0, 1]))
    with pytest.raises(UserError, match="class 1 has 1"):
        balanced_subset(split, 4, generator(0, "test"))


def test_prepare_takes_the_subset_of_its_seed(tiny):
    first, again, other = (prepare(replace(tiny, seed=seed)).train.images for seed in (0, 0, 1))
    assert len(first) == 100
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_train_size_beyond_the_data_takes_all_of_it(tiny):
    assert len(prepare(replace(tiny, train_size=9999)).train) == 1297


def test_a_batch_may_hold_the_training_set_but_not_more(tiny):
    prepare(replace(tiny, batch_size=100))
    with pytest.raises(UserError, match=r"batch_size 101 is larger than the training set \(100 images\)"):
        prepare(replace(tiny, batch_size=101))


def test_pixel_noise_has_its_std_and_keeps_the_pictures_scale():
    digits = load_images("digits", 8)
    noisy = add_pixel_noise(digits, 1.5, generator(0, "test"))
    for split in ("train", "test"):
        clean, found = (
            normalize(getattr(images, split).images, images.mean, images.std) for images in (digits, noisy)
        )
        noise = found - clean
        assert float(noise.std()) == pytest.approx(1.5, abs=0.02)
        assert float(noise.mean()) == pytest.approx(0, abs=0.03)
        assert abs(float(torch.corrcoef(torch.stack([noise.flatten(), clean.flatten()]))[0, 1])) < 0.02


def test_pixel_noise_belongs_to_the_image_and_the_seed(tiny):
    noisy = replace(tiny, pixel_noise=1.0)
    assert prepare(noisy).sha256 == prepare(noisy).sha256 != prepare(tiny).sha256
    assert not torch.equal(prepare(noisy).test.images, prepare(replace(noisy, seed=1)).test.images)


def test_the_fingerprint_sees_a_pixel_and_a_label():
    digits = load_images("digits", 8)
    pixels, labels = digits.test.images.clone(), digits.test.labels.clone()
    pixels[0, 0, 0, 0] += 1
    labels[0] = (labels[0] + 1) % 10
    others = [replace(digits, test=Split(pixels, digits.test.labels)),
              replace(digits, test=Split(digits.test.images, labels))]
    assert len({images.sha256 for images in (digits, *others)}) == 3


def test_a_folder_is_read_with_its_classes_and_statistics(make_folder):
    folder = make_folder(classes=("ant", "bee", "cat"), train=5, test=2)
    images = load_images(f"folder:{folder}", 32)
    assert images.classes == ("ant", "bee", "cat")
    assert images.train.images.shape == (15, 3, 32, 32)
    assert images.test.labels.tolist() == [0, 0, 1, 1, 2, 2]
    pixels = images.train.images.double()
    assert images.mean.tolist() == pytest.approx(pixels.mean((0, 2, 3)).tolist(), rel=1e-5)
    assert images.std.tolist() == pytest.approx(pixels.std((0, 2, 3)).tolist(), rel=1e-5)
    with Image.open(folder / "train" / "ant" / "0.png") as picture:
        assert images.train.images[0].permute(1, 2, 0).tolist() == np.asarray(picture).tolist()


def test_the_centre_of_a_wide_image_is_kept(make_folder):
    folder = make_folder(size=(30, 10))
    for file in folder.rglob("*.png"):
        pixels = np.zeros((10, 30, 3), dtype=np.uint8)
        pixels[:, :10, 0] = pixels[:, 10:20, 1] = pixels[:, 20:, 2] = 200
        pixels[0] = 7  # two colours, so that there is something to learn
        Image.fromarray(pixels).save(file)
    image = load_images(f"folder:{folder}", 10).test.images[0]
    assert image[:, 1:].flatten(1).unique(dim=1).flatten().tolist() == [0, 200, 0]


def test_a_larger_image_is_brought_to_size(make_folder):
    assert load_images(f"folder:{make_folder(size=(50, 40))}", 16).train.images.shape[2:] == (16, 16)


def test_a_home_folder_is_found(make_folder, monkeypatch):
    folder = make_folder("ants")
    monkeypatch.setenv("HOME", str(folder.parent))
    assert len(load_images("folder:~/ants", 32).train) == 20


def test_decoded_images_are_cached_and_a_changed_file_is_read_again(make_folder):
    folder = make_folder()
    first = load_images(f"folder:{folder}", 32)
    (cached,) = cache_dir().iterdir()
    for file in folder.rglob("*.png"):
        status = file.stat()
        file.write_bytes(bytes(status.st_size))  # unreadable, but not for the listing
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    load_images.cache_clear()
    assert load_images(f"folder:{folder}", 32).sha256 == first.sha256

    Image.new("RGB", (32, 32), "red").save(folder / "train" / "cat" / "new.png")
    load_images.cache_clear()
    with pytest.raises(UserError, match="not a readable image"):
        load_images(f"folder:{folder}", 32)
    assert list(cache_dir().iterdir()) == [cached]


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_damaged_cache_is_made_again(make_folder, keep):
    folder = make_folder()
    first = load_images(f"folder:{folder}", 32)
    (cached,) = cache_dir().iterdir()
    whole = cached.read_bytes()
    cached.write_bytes(whole[:keep])
    load_images.cache_clear()
    assert load_images(f"folder:{folder}", 32).sha256 == first.sha256
    assert len(cached.read_bytes()) == len(whole)


@pytest.mark.parametrize("damage", [
    lambda images, labels: (images.float(), labels), lambda images, labels: (images[:-1], labels[:-1]),
    lambda images, labels: (images[:, :, :8], labels), lambda images, labels: (images, labels.flip(0)),
])
def test_a_cache_of_something_else_is_made_again(make_folder, damage):
    folder = make_folder()
    first = load_images(f"folder:{folder}", 32)
    (cached,) = cache_dir().iterdir()
    stored = torch.load(cached, weights_only=True)
    torch.save({**stored, "train": damage(*stored["train"])}, cached)
    load_images.cache_clear()
    assert load_images(f"folder:{folder}", 32).sha256 == first.sha256


def test_a_flipped_bit_in_the_cache_is_found(make_folder):
    folder = make_folder()
    first = load_images(f"folder:{folder}", 32)
    (cached,) = cache_dir().iterdir()
    content = bytearray(cached.read_bytes())
    content[len(content) // 2] ^= 1
    cached.write_bytes(content)
    load_images.cache_clear()
    assert load_images(f"folder:{folder}", 32).sha256 == first.sha256


@pytest.mark.parametrize("error", [RuntimeError("file write failed"), OSError(28, "No space left")])
def test_a_full_disk_under_the_cache_is_done_without(make_folder, monkeypatch, error):
    def full(content, target):
        raise error

    monkeypatch.setattr(torch, "save", full)
    assert len(load_images(f"folder:{make_folder()}", 32).train) == 20


def test_no_home_folder_for_the_cache(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("LRREG_CACHE")
    monkeypatch.setattr("pathlib.Path.home", homeless)
    with pytest.raises(UserError, match="cache: no home folder; set LRREG_CACHE"):
        cache_dir()


def test_a_cache_that_cannot_be_written_is_done_without(make_folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LRREG_CACHE", str(tmp_path / "file" / "cache"))
    assert len(load_images(f"folder:{make_folder()}", 32).train) == 20


def test_the_cache_is_in_the_home_folder_where_nothing_else_is_said(tmp_path, monkeypatch):
    monkeypatch.delenv("LRREG_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_dir() == tmp_path / ".cache" / "lrreg_utils"


def test_one_class_is_too_few(make_folder):
    with pytest.raises(UserError, match=r"has one class \(ant\)"):
        load_images(f"folder:{make_folder(classes=('ant',))}", 32)


def test_images_of_one_colour_are_refused(make_folder):
    folder = make_folder()
    for file in folder.rglob("*.png"):
        Image.new("RGB", (32, 32), "red").save(file)
    with pytest.raises(UserError, match="all one colour"):
        load_images(f"folder:{folder}", 32)


@pytest.mark.parametrize(("mode", "words"), [
    ("L", "is grayscale"), ("1", "is grayscale"), ("RGBA", "is of mode RGBA"), ("P", "is of mode P"),
])
def test_every_image_must_be_rgb(make_folder, mode, words):
    with pytest.raises(UserError, match=words):
        load_images(f"folder:{make_folder(mode=mode)}", 32)


def test_an_unknown_source_is_a_user_error():
    with pytest.raises(UserError, match="'mnist' is unknown"):
        load_images("mnist", 32)
