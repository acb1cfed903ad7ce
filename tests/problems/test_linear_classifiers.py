"""The ceiling of linear rules on patches, found again by trying every rule, and the rules that reach it."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.images.patches import BOTH, CLEAN, PATCH_ONLY, Patterns, draw_patterns
from lrreg_utils.problems import linear_classifiers as probe
from lrreg_utils.seeding import generator

small = st.integers(-6, 6)


def patterns_of(z, pattern) -> Patterns:
    """Patterns from lists of pixels: one row for each class."""
    pattern = torch.tensor(pattern, dtype=torch.float32)
    return Patterns(torch.tensor(z, dtype=torch.float32).view(1, 1, -1), pattern[:, None, None, :], 1.75)


def drawn(seed=0) -> Patterns:
    config = Config(Schedule("small_lr", 0.1), seed=seed, patch_size=5, patch_strength=1.4)
    return draw_patterns(config, channels=1, classes=10)


@st.composite
def cases(draw):
    """Whole numbers, so that ties are ties: patterns, a rule, and examples (class, amplitude)."""
    classes, pixels = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    row = st.lists(small, min_size=pixels, max_size=pixels)
    table = st.lists(row, min_size=classes, max_size=classes)
    patterns = patterns_of(draw(row), draw(table))
    bias = draw(st.lists(st.integers(-40, 40), min_size=classes, max_size=classes))
    rule = probe.linear(torch.tensor(draw(table)).float(), torch.tensor(bias).float())
    example = st.tuples(st.integers(0, classes - 1), st.sampled_from([-3, -2, -1, 1, 2, 3]))
    return patterns, rule, torch.tensor(draw(st.lists(example, min_size=1, max_size=30)))


@given(cases())
def test_no_linear_rule_exceeds_the_ceiling(case):
    patterns, rule, examples = case
    labels, amplitudes = examples.T
    x = patterns.z.flatten() + amplitudes[:, None] * patterns.pattern.flatten(1)[labels]
    assert probe.score(rule, x, labels)[0] <= probe.ceiling(labels, amplitudes) + 1e-6


@pytest.mark.parametrize(("classes", "expected"), [(2, 75), (3, 200 / 3), (10, 55)])
def test_the_ceiling_of_equal_classes_and_signs(classes, expected):
    labels = torch.arange(classes).repeat(2)
    signs = torch.tensor([1.0, -1.0]).repeat_interleave(classes)
    assert probe.ceiling(labels, signs) == pytest.approx(expected)


def test_the_ceiling_of_unequal_signs_counts_by_hand():
    labels = torch.tensor([0, 0, 0, 1, 1, 1, 1, 1])
    signs = torch.tensor([1, 1, 1, 1, 1, 1, -1, -1])
    assert probe.ceiling(labels, signs) == 100  # class 0 by its one sign, class 1 as the favourite


def test_every_rule_of_two_pixels_tried_the_best_reaches_the_ceiling_exactly():
    patterns = patterns_of([3, -2], [[1, 0], [0, 1]])
    x, labels, signs = probe.both_points(patterns)
    best = 0.0
    for a, b, c in itertools.product(range(-2, 3), range(-2, 3), range(-6, 7)):
        rule = probe.linear(torch.tensor([[0.0, 0.0], [a, b]]), torch.tensor([0.0, c]))
        best = max(best, probe.score(rule, x, labels)[0])
    assert best == 75 == probe.ceiling(labels, signs)


@pytest.mark.parametrize("seed", range(5))
def test_given_rules_reach_what_they_claim(seed):
    patterns = drawn(seed)
    x, labels, signs = probe.both_points(patterns)
    assert probe.score(probe.best_linear(patterns, favourite=seed), x, labels)[0] == pytest.approx(55)
    assert probe.ceiling(labels, signs) == pytest.approx(55)
    assert probe.score(probe.absolute_values(patterns), x, labels)[0] == 100


def test_absolute_values_read_patches_of_random_strength():
    patterns = drawn()
    x, labels, _ = probe.sample_patches(patterns, 50, generator(0, "test"))
    scores = probe.absolute_values(patterns)(x)
    amplitudes = (x - patterns.z.flatten()).norm(dim=1) / patterns.pattern.flatten(1).norm(dim=1)[labels]
    expected = torch.zeros_like(scores).scatter(1, labels[:, None], amplitudes[:, None])
    assert torch.allclose(scores, expected, atol=1e-4)


def test_samples_follow_the_law_of_their_group():
    patterns = drawn()
    x, labels, signs = probe.sample_patches(patterns, 30, generator(0, "test"), BOTH)
    expected = patterns.z.flatten() + signs[:, None] * patterns.pattern.flatten(1)[labels]
    assert torch.allclose(x, expected)
    assert torch.bincount(labels).tolist() == [30] * 10
    x, labels, _ = probe.sample_patches(patterns, 300, generator(0, "test"), PATCH_ONLY)
    sizes = (x - patterns.z.flatten()).norm(dim=1) / patterns.pattern.flatten(1).norm(dim=1)[labels]
    assert float(sizes.max()) <= 1.7501
    assert float(sizes.mean()) == pytest.approx(1.75 / 2, abs=0.03)  # uniform: standard error 0.01
    with pytest.raises(UserError, match="which have a patch"):
        probe.sample_patches(patterns, 1, generator(0, "test"), CLEAN)


def test_dual_vectors_need_independent_patterns():
    patterns = drawn()
    products = probe.dual_vectors(patterns) @ patterns.pattern.flatten(1).T
    assert torch.allclose(products, torch.eye(10), atol=1e-5)
    with pytest.raises(UserError, match="3 class patterns of 2 pixels are not linearly independent"):
        probe.dual_vectors(patterns_of([0, 0], [[1, 0], [0, 1], [1, 1]]))


def test_a_trained_linear_rule_falls_to_chance_loss_and_a_hidden_layer_to_none():
    patterns = drawn()
    x, labels, _ = probe.both_points(patterns)
    accuracy, loss = probe.score(probe.train_rule(x, labels, 10, 0, generator(0, "rule"), 2000), x, labels)
    assert accuracy <= 55
    assert loss == pytest.approx(math.log(10), abs=0.02)
    accuracy, loss = probe.score(probe.train_rule(x, labels, 10, 64, generator(0, "rule"), 300), x, labels)
    assert accuracy == 100
    assert loss < 0.1


def test_a_linear_rule_fits_what_is_linear():
    x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [-1.0, -1.0]])
    rule = probe.train_rule(x, torch.arange(3), 3, 0, generator(0, "rule"), 500, 0.05)
    assert probe.score(rule, x, torch.arange(3))[0] == 100
    assert not rule.weight.requires_grad
