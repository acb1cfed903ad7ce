from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lrreg_utils import fetch, load_images, normalize, prepare
from lrreg_utils.errors import UserError
from lrreg_utils.images.dataset import Split
from lrreg_utils.images.sources import add_pixel_noise, balanced_subset
from lrreg_utils.seeding import generator


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


def test_an_unknown_source_is_a_user_error():
    with pytest.raises(UserError, match="'mnist' is unknown"):
        load_images("mnist", 32)


@pytest.mark.parametrize("source", ["digits", "folder:x", "mnist"])
def test_only_cifar10_is_fetched(source):
    with pytest.raises(UserError, match=f"only cifar10 is downloaded, got '{source}'"):
        fetch(source)
