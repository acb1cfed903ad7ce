"""The distributions P and Q against their closed forms."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lrreg_utils.errors import UserError
from lrreg_utils.theory import Setting, draw

BIG = Setting(d=50, test_size=20_000, x1_scale=1.0)


@pytest.fixture(scope="module")
def sample():
    return draw(BIG, [0, 1], "test")


def test_shares_and_labels(sample):
    assert sample.labels.mean().abs() < 0.02
    only1, only2 = sample.has1 & ~sample.has2, sample.has2 & ~sample.has1
    assert only1.double().mean() == pytest.approx(0.2, abs=0.01)
    assert only2.double().mean() == pytest.approx(0.2, abs=0.01)
    assert (sample.has1 | sample.has2).all()


@settings(max_examples=15, deadline=None)
@given(d=st.integers(2, 60), seed=st.integers(0, 10**6))
def test_margin_of_p_is_at_least_gamma0(d, seed):
    drawn = draw(Setting(d=d, train_size=64, x1_scale=1.0), [seed], "train")
    margin = drawn.labels[drawn.has1] * drawn.x1[drawn.has1][:, 0]
    assert (margin >= 1 / math.sqrt(d) - 1e-12).all()
    assert (drawn.x1[~drawn.has1] == 0).all()


def test_moments_of_p(sample):
    """Along w*: gamma0 plus a half-Gaussian of scale 1/sqrt(d); across it, N(0, 1/d)."""
    x1 = sample.x1[sample.has1] * math.sqrt(50)
    along = sample.labels[sample.has1] * x1[:, 0]
    assert along.mean() == pytest.approx(1 + math.sqrt(2 / math.pi), abs=0.02)
    assert along.var() == pytest.approx(1 - 2 / math.pi, abs=0.02)
    assert x1[:, 1:].mean().abs() < 0.01
    assert x1[:, 1:].var() == pytest.approx(1, abs=0.01)


def test_q_lies_on_the_rays_of_its_label(sample):
    where = sample.has2
    x2 = sample.x2(BIG)[where]
    angle = torch.atan2(x2[:, 1], x2[:, 0]) / BIG.r
    assert (angle - angle.round()).abs().max() < 1e-9
    assert torch.equal(1.0 - 2.0 * (angle.round() % 2), sample.labels[where])
    assert sample.alpha[where].min() >= 0.5 and sample.alpha[where].max() <= 1
    assert sample.alpha[where].mean() == pytest.approx(0.75, abs=0.01)
    shares = torch.bincount(sample.ray[where], minlength=5) / where.sum()
    torch.testing.assert_close(shares.double(), BIG.ray_shares, atol=0.01, rtol=0)


def test_a_linear_rule_errs_on_a_quarter_of_three_rays_and_a_third_of_five():
    assert Setting(rays=3).linear_error == pytest.approx(0.25)
    assert Setting(rays=5).linear_error == pytest.approx(1 / 3)


def test_without_q_nothing_shows_x2_and_x1_is_the_same(sample):
    control = draw(Setting(d=50, test_size=20_000, x1_scale=1.0, with_q=False), [0, 1], "test")
    assert not control.has2.any() and (control.alpha == 0).all()
    assert torch.equal(control.x1, sample.x1)


def test_seeds_and_splits_have_streams_of_their_own(sample):
    assert torch.equal(draw(BIG, [1], "test").x1[0], sample.x1[1])
    assert not torch.equal(sample.x1[0], sample.x1[1])


@pytest.mark.parametrize(("field", "value"), [
    ("d", 1), ("train_size", 0), ("p", -0.1), ("q", 1.5), ("r", 0.0), ("r", math.nan),
    ("rays", 4), ("alpha_low", 2.0), ("x1_scale", 0.0), ("x1_scale", math.inf),
])
def test_a_bad_value_is_named(field, value):
    with pytest.raises(UserError, match=f"theory: {field}"):
        Setting(**{field: value})


def test_shares_add_up():
    with pytest.raises(UserError, match=r"p \+ q"):
        Setting(p=0.7, q=0.7)
