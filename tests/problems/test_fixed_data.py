"""The frozen patch experiment: groups and patches drawn once, on the images of the experiment."""

from dataclasses import replace

import pytest
import torch

from lrreg_utils.experiments.presets import experiment
from lrreg_utils.images.patches import draw_patterns, patch_slice
from lrreg_utils.images.sources import normalize, read_images
from lrreg_utils.problems.fixed_data import SHARES, freeze


@pytest.fixture(scope="module")
def config():
    return replace(experiment("digits").config("large_lr", 100), train_size=100)


def test_the_same_every_time_and_of_the_right_shape(config):
    once, again = freeze(config), freeze(config)
    assert torch.equal(once.train.inputs, again.train.inputs)
    assert once.train.inputs.shape == (100, 256) and once.train.inputs.dtype == torch.float64
    assert {name: len(test) for name, test in once.tests.items()} == dict.fromkeys(once.tests, 500)
    other = freeze(replace(config, seed=101))
    assert not torch.equal(once.train.inputs, other.train.inputs)


def test_groups_have_their_shares_and_patches_their_form(config):
    frozen, images = freeze(config), read_images(config)
    patterns = draw_patterns(config, 1, 10)
    square = patch_slice(16, 5)
    pixels = frozen.train.inputs.reshape(-1, 16, 16)
    plain = normalize(images.train.images, images.mean, images.std)[:, 0].double()
    shows_patch = ~torch.isclose(pixels[:, square, square], plain[:, square, square]).flatten(1).all(1)
    outside = pixels.clone()
    outside[:, square, square] = 0
    only = (outside == 0).flatten(1).all(1)
    counts = {"clean": int((~shows_patch).sum()), "patch_only": int(only.sum())}
    assert counts == {"clean": round(100 * SHARES.clean), "patch_only": round(100 * SHARES.patch_only)}
    rest = (pixels[:, square, square] - patterns.z[0])[shows_patch & ~only]
    pattern = patterns.pattern[frozen.train.labels[shows_patch & ~only], 0].double()
    ratio = (rest * pattern).sum((1, 2)) / pattern.square().sum((1, 2))
    torch.testing.assert_close(ratio.abs(), torch.ones_like(ratio), rtol=1e-5, atol=1e-5)
    assert 0.3 < float((ratio > 0).double().mean()) < 0.7


def test_probes_are_the_same_test_images(config):
    frozen, images = freeze(config), read_images(config)
    plain = normalize(images.test.images, images.mean, images.std).flatten(1).double()
    assert torch.equal(frozen.tests["clean"].inputs, plain)
    same = (frozen.tests["patched"].inputs == plain).double().mean()
    blank = (frozen.tests["patch_only"].inputs == 0).double().mean()
    assert [float(same), float(blank)] == pytest.approx([1 - 25 / 256] * 2, abs=1e-3)


def test_through_maps_all_inputs(config):
    doubled = freeze(config).through(lambda inputs: 2 * inputs[:, :3])
    assert doubled.train.inputs.shape == (100, 3) and doubled.tests["clean"].inputs.shape == (500, 3)
