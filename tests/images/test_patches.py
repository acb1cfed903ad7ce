import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lrreg_utils import SHARES, Config, Patterns, Schedule, Shares, draw_patterns
from lrreg_utils.images.patches import (
    BOTH,
    CLEAN,
    GROUPS,
    PATCH_ONLY,
    draw_groups,
    patch_slice,
    redraw_patch_only,
    write_patches,
)
from lrreg_utils.seeding import generator

PAPER = Config(Schedule("large_lr", 0.1, (30,), 0.04))
COUNT = 4000


def images_and_labels(count=60):
    rng = generator(5, "test")
    return torch.randn(count, 3, 32, 32, generator=rng), torch.randint(10, (count,), generator=rng)


def written(group, count=60):
    images, labels = images_and_labels(count)
    patterns = draw_patterns(PAPER, 3, 10)
    groups = torch.full((count,), group)
    return images, labels, patterns, write_patches(images, labels, groups, patterns, generator(1, "test"))


def amplitudes(group):
    """What multiplies the class pattern, for many examples: here the pattern is 1 and z is 0."""
    scale = draw_patterns(PAPER, 1, 1).patch_only_scale
    patterns = Patterns(torch.zeros(1, 1, 1), torch.ones(1, 1, 1, 1), scale)
    labels = torch.zeros(COUNT, dtype=torch.int64)
    images = torch.full((COUNT, 1, 1, 1), 9.0)
    found = write_patches(images, labels, labels + group, patterns, generator(1, "test"))
    return found.flatten().double().numpy()


def test_z_has_std_1_25_and_mean_0():
    z = torch.cat([draw_patterns(replace(PAPER, seed=seed), 3, 10).z.flatten() for seed in range(40)])
    assert float(z.std()) == pytest.approx(1.25, abs=0.04)
    assert float(z.mean()) == pytest.approx(0, abs=0.06)
    assert float(z.abs().max()) > 3 * 1.25  # Gaussian, not uniform


def test_class_patterns_are_uniform_in_a_tenth():
    drawn = [draw_patterns(replace(PAPER, seed=seed), 3, 10).pattern.flatten() for seed in range(4)]
    values = np.sort(torch.cat(drawn).double().numpy())
    assert -0.1 <= values[0] < -0.099 and 0.099 < values[-1] <= 0.1
    uniform = (np.arange(len(values)) + 0.5) / len(values) * 0.2 - 0.1
    assert np.abs(values - uniform).max() / 0.2 < 2 / math.sqrt(len(values))


def test_lengths_of_the_patterns_are_those_of_the_paper():
    drawn = [draw_patterns(replace(PAPER, seed=seed), 3, 10) for seed in range(20)]
    z = np.mean([float(patterns.z.norm()) for patterns in drawn])
    v = np.mean([float(pattern.norm()) for patterns in drawn for pattern in patterns.pattern])
    assert z == pytest.approx(15.1, abs=0.5)
    assert v == pytest.approx(0.70, abs=0.01)
    assert v / z == pytest.approx(0.046, abs=0.002)


def test_every_class_has_its_own_pattern_and_all_share_one_z():
    patterns = draw_patterns(PAPER, 3, 10)
    assert patterns.z.shape == (3, 7, 7)
    assert patterns.pattern.shape == (10, 3, 7, 7)
    assert len({tuple(pattern.flatten().tolist()) for pattern in patterns.pattern}) == 10


def test_patterns_depend_on_the_seed_and_not_on_the_schedule():
    first, same, other = (
        draw_patterns(config, 3, 10)
        for config in (PAPER, replace(PAPER, schedule=Schedule("small_lr", 0.004)), replace(PAPER, seed=1))
    )
    assert torch.equal(first.z, same.z) and torch.equal(first.pattern, same.pattern)
    assert not torch.equal(first.z, other.z) and not torch.equal(first.pattern, other.pattern)


def test_the_patch_lies_at_rows_and_columns_12_to_18():
    place = patch_slice(32, 7)
    assert list(range(32))[place] == [12, 13, 14, 15, 16, 17, 18]
    images, _, _, found = written(BOTH)
    changed = (found != images).any(0).any(0)
    rows, columns = changed.nonzero().T.unique(dim=1)
    assert rows.unique().tolist() == columns.unique().tolist() == list(range(12, 19))
    assert int(changed.sum()) == 49


@pytest.mark.parametrize(("image", "patch"), [(32, 7), (16, 5), (8, 3), (8, 8), (9, 4)])
def test_the_patch_is_centred(image, patch):
    place = patch_slice(image, patch)
    assert place.stop - place.start == patch
    assert 0 <= (image - place.stop) - place.start <= 1


def test_the_patch_overwrites_the_pixels_with_z_plus_or_minus_the_class_pattern():
    _, labels, patterns, found = written(BOTH)
    signs = set()
    for image, label in zip(found, labels, strict=True):
        region = image[:, 12:19, 12:19]
        fits = [s for s in (1, -1) if torch.equal(region, patterns.z + s * patterns.pattern[label])]
        assert len(fits) == 1
        signs |= set(fits)
    assert signs == {1, -1}


def test_a_clean_example_is_not_touched():
    images, _, _, found = written(CLEAN)
    assert torch.equal(found, images)


def test_a_patch_only_example_is_0_everywhere_else():
    _, _, _, found = written(PATCH_ONLY)
    outside = torch.ones(32, 32, dtype=torch.bool)
    outside[12:19, 12:19] = False
    assert not found[..., outside].any()


def test_a_patch_only_example_shows_z_and_a_multiple_of_its_class_pattern():
    _, labels, patterns, found = written(PATCH_ONLY)
    own = patterns.pattern[labels].flatten(1)
    rest = found[..., 12:19, 12:19].flatten(1) - patterns.z.flatten()
    amplitude = (rest * own).sum(1, keepdim=True) / (own * own).sum(1, keepdim=True)
    assert torch.allclose(rest, amplitude * own, atol=1e-5)
    assert float(amplitude.abs().max()) <= 1.75


def test_the_given_images_are_not_changed():
    images, labels = images_and_labels(3)
    before = images.clone()
    groups = torch.tensor([CLEAN, PATCH_ONLY, BOTH])
    write_patches(images, labels, groups, draw_patterns(PAPER, 3, 10), generator(1, "test"))
    assert torch.equal(images, before)


def test_groups_are_told_apart_within_a_batch():
    images, labels = images_and_labels(3)
    groups = torch.tensor([CLEAN, PATCH_ONLY, BOTH])
    found = write_patches(images, labels, groups, draw_patterns(PAPER, 3, 10), generator(1, "test"))
    assert torch.equal(found[0], images[0])
    assert found[1, 0, 0, 0] == 0
    assert torch.equal(found[2, :, :12], images[2, :, :12]) and not torch.equal(found[2], images[2])


def test_the_sign_is_a_fair_coin():
    found = amplitudes(BOTH)
    assert set(found) == {1, -1}
    assert abs((found > 0).sum() - COUNT / 2) < 4 * math.sqrt(COUNT / 4)


def test_the_patch_only_amplitude_is_uniform_up_to_1_75_with_a_fair_sign():
    found = amplitudes(PATCH_ONLY)
    assert abs((found > 0).sum() - COUNT / 2) < 4 * math.sqrt(COUNT / 4)
    sizes = np.sort(np.abs(found))
    assert sizes[-1] <= 1.75
    assert sizes.mean() == pytest.approx(0.875, abs=4 * 1.75 / math.sqrt(12 * COUNT))
    assert np.abs(sizes / 1.75 - (np.arange(COUNT) + 0.5) / COUNT).max() < 2 / math.sqrt(COUNT)


def test_sign_and_amplitude_are_independent():
    found = amplitudes(PATCH_ONLY)
    means = [np.abs(found[side]).mean() for side in (found > 0, found < 0)]
    assert means[0] == pytest.approx(means[1], abs=0.07)


def test_sign_and_amplitude_are_drawn_afresh_at_every_access():
    images, labels = images_and_labels(20)
    patterns, rng = draw_patterns(PAPER, 3, 10), generator(1, "test")
    for group in (PATCH_ONLY, BOTH):
        first, second = (write_patches(images, labels, labels * 0 + group, patterns, rng) for _ in range(2))
        assert not torch.equal(first, second)


@given(st.integers(1, 500), st.data(), st.integers(0, 5))
def test_groups_have_exact_shares_in_random_places(count, data, seed):
    clean = data.draw(st.integers(0, count))
    patch_only = data.draw(st.integers(0, count - clean))
    sizes = [clean, patch_only, count - clean - patch_only]
    shares = Shares(*(size / count for size in sizes))
    groups = draw_groups(count, shares, generator(seed, "test"))
    assert torch.bincount(groups, minlength=3).tolist() == sizes


@given(st.integers(1, 500), st.floats(0, 1), st.floats(0, 1))
def test_shares_are_rounded_by_less_than_an_example(count, clean, part):
    shares = Shares(clean, (1 - clean) * part, (1 - clean) * (1 - part))
    sizes = torch.bincount(draw_groups(count, shares, generator(0, "test")), minlength=3).tolist()
    assert sum(sizes) == count
    wanted = (shares.clean, shares.patch_only, shares.both)
    assert all(abs(size - share * count) <= 1 for size, share in zip(sizes, wanted, strict=True))


@pytest.mark.parametrize(("name", "percent"), [("talk", [20, 20, 60]), ("code", [20, 16, 64])])
def test_shares_of_the_two_conventions(name, percent):
    assert GROUPS == ("clean", "patch_only", "both")
    groups = draw_groups(5000, SHARES[name], generator(0, "groups"))
    assert [100 * size / 5000 for size in torch.bincount(groups).tolist()] == percent
    halves = [torch.bincount(half) / 2500 for half in groups.split(2500)]
    assert torch.allclose(*halves, atol=0.06)  # shuffled


def test_redrawing_moves_a_fifth_of_the_patched_to_patch_only_and_leaves_clean_alone():
    rng = generator(0, "redraw")
    groups = draw_groups(5000, SHARES["code"], generator(0, "groups"))
    redrawn = redraw_patch_only(groups, SHARES["code"], rng)
    again = redraw_patch_only(redrawn, SHARES["code"], rng)
    assert torch.equal(redrawn == CLEAN, groups == CLEAN)
    assert torch.equal(again == CLEAN, groups == CLEAN)
    assert not torch.equal(again, redrawn)
    for drawn in (redrawn, again):
        assert abs(int((drawn == PATCH_ONLY).sum()) - 800) < 4 * math.sqrt(4000 * 0.2 * 0.8)
    both_times = int(((redrawn == PATCH_ONLY) & (again == PATCH_ONLY)).sum())
    assert abs(both_times - 160) < 4 * math.sqrt(4000 * 0.04 * 0.96)


def test_redrawing_without_patched_examples_changes_nothing():
    groups = torch.zeros(7, dtype=torch.int64)
    assert torch.equal(redraw_patch_only(groups, Shares(1, 0, 0, redraw=True), generator(0, "x")), groups)


def test_the_corner_is_the_top_left():
    assert patch_slice(32, 7, "corner") == slice(0, 7)
    config = replace(PAPER, patch_place="corner")
    images, labels = torch.zeros(4, 3, 32, 32), torch.arange(4)
    groups = torch.full((4,), BOTH)
    found = write_patches(images, labels, groups, draw_patterns(config, 3, 10), generator(1, "test"))
    rows, columns = found.any(0).any(0).nonzero().T
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (0, 6, 0, 6)


def test_a_patch_of_strength_0_says_nothing():
    patterns = draw_patterns(replace(PAPER, patch_strength=0.0), 3, 10)
    labels, groups = torch.arange(10), torch.full((10,), PATCH_ONLY)
    found = write_patches(torch.ones(10, 3, 32, 32), labels, groups, patterns, generator(1, "test"))
    assert all(torch.equal(found[0], one) for one in found)
    assert torch.equal(found[0][:, 12:19, 12:19], patterns.z)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_order_of_the_memory_is_kept(channels):
    images = torch.randn(5, channels, 32, 32).contiguous(memory_format=torch.channels_last)
    labels, groups = torch.arange(5), torch.tensor([CLEAN, PATCH_ONLY, BOTH, BOTH, CLEAN])
    found = write_patches(images, labels, groups, draw_patterns(PAPER, channels, 10), generator(1, "test"))
    assert found.is_contiguous(memory_format=torch.channels_last)
