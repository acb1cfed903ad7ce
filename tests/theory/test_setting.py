"""The distributions P and Q against their closed forms."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lrreg_utils.errors import UserError
from lrreg_utils.theory.setting import Setting, sample

BIG = Setting(d=50, test_size=20_000, x1_scale=1.0)


@pytest.fixture(scope="module")
def examples():
    return sample(BIG, [0, 1], "test")


def test_shares_and_labels(examples):
    assert examples.labels.mean().abs() < 0.02
    only1, only2 = examples.has1 & ~examples.has2, examples.has2 & ~examples.has1
    assert only1.double().mean() == pytest.approx(0.2, abs=0.01)
    assert only2.double().mean() == pytest.approx(0.2, abs=0.01)
    assert (examples.has1 | examples.has2).all()


@settings(max_examples=15, deadline=None)
@given(d=st.integers(2, 60), seed=st.integers(0, 10**6))
def test_margin_of_p_is_at_least_gamma0(d, seed):
    drawn = sample(Setting(d=d, train_size=64, x1_scale=1.0), [seed], "train")
    margin = drawn.labels[drawn.has1] * drawn.x1[drawn.has1][:, 0]
    assert (margin >= 1 / math.sqrt(d) - 1e-12).all()
    assert (drawn.x1[~drawn.has1] == 0).all()


def test_moments_of_p(examples):
    """Along w*: gamma0 plus a half-Gaussian of scale 1/sqrt(d); across it, N(0, 1/d)."""
    x1 = examples.x1[examples.has1] * math.sqrt(50)
    along = examples.labels[examples.has1] * x1[:, 0]
    assert along.mean() == pytest.approx(1 + math.sqrt(2 / math.pi), abs=0.02)
    assert along.var() == pytest.approx(1 - 2 / math.pi, abs=0.02)
    assert x1[:, 1:].mean().abs() < 0.01
    assert x1[:, 1:].var() == pytest.approx(1, abs=0.01)


def test_q_lies_on_the_rays_of_its_label(examples):
    where = examples.has2
    x2 = examples.x2(BIG)[where]
    angle = torch.atan2(x2[:, 1], x2[:, 0]) / BIG.r
    assert (angle - angle.round()).abs().max() < 1e-9
    assert torch.equal(1.0 - 2.0 * (angle.round() % 2), examples.labels[where])
    assert examples.alpha[where].min() >= 0.5 and examples.alpha[where].max() <= 1
    assert examples.alpha[where].mean() == pytest.approx(0.75, abs=0.01)
    shares = torch.bincount(examples.ray[where], minlength=5) / where.sum()
    torch.testing.assert_close(shares.double(), BIG.ray_shares, atol=0.01, rtol=0)


def test_a_linear_rule_errs_on_a_quarter_of_three_rays_and_a_third_of_five():
    assert Setting(rays=3).linear_error == pytest.approx(0.25)
    assert Setting(rays=5).linear_error == pytest.approx(1 / 3)


def test_without_q_nothing_shows_x2_and_x1_is_the_same(examples):
    control = sample(Setting(d=50, test_size=20_000, x1_scale=1.0, with_q=False), [0, 1], "test")
    assert not control.has2.any() and (control.alpha == 0).all()
    assert torch.equal(control.x1, examples.x1)


def test_seeds_and_splits_have_streams_of_their_own(examples):
    assert torch.equal(sample(BIG, [1], "test").x1[0], examples.x1[1])
    assert not torch.equal(examples.x1[0], examples.x1[1])


@pytest.mark.parametrize(("field", "value"), [
    ("d", 1), ("train_size", 0), ("p", -0.1), ("q", 1.5), ("r", 0.0), ("r", math.nan),
    ("d", 2.5), ("d", math.nan), ("train_size", 10.5), ("train_size", -3), ("test_size", 0), ("p", math.nan),
    ("alpha_scale", -1.0), ("r", -0.1),
    ("rays", 4), ("alpha_low", 2.0), ("x1_scale", 0.0), ("x1_scale", math.inf),
])
def test_a_bad_value_is_named(field, value):
    with pytest.raises(UserError, match=f"theory: {field}"):
        Setting(**{field: value})


def test_shares_add_up():
    with pytest.raises(UserError, match=r"p \+ q"):
        Setting(p=0.7, q=0.7)


@settings(max_examples=15, deadline=None)
@given(d=st.integers(2, 40), size=st.integers(2, 80), seed=st.integers(0, 10**6),
       rays=st.sampled_from([3, 5, 7]), r=st.floats(0.001, 0.2), p=st.floats(0, 0.5), q=st.floats(0, 0.5))
def test_support_at_any_size(d, size, seed, rays, r, p, q):
    setting = Setting(d=d, train_size=size, rays=rays, r=r, p=p, q=q, alpha_scale=2.0)
    drawn = sample(setting, [seed, seed + 1], "train")
    assert drawn.x1.shape == (2, size, d) and drawn.ray.shape == (2, size)
    assert (drawn.has1 | drawn.has2).all() and (drawn.labels.abs() == 1).all()
    assert (drawn.alpha[~drawn.has2] == 0).all()
    shown = drawn.alpha[drawn.has2]
    assert ((shown >= 1.0) & (shown <= 2.0)).all()
    assert torch.equal(setting.ray_labels[drawn.ray], drawn.labels)
    if p == 0:
        assert drawn.has2.all()
    if q == 0:
        assert drawn.has1.all()


@settings(max_examples=6, deadline=None)
@given(d=st.integers(5, 60), seed=st.integers(0, 10**6))
def test_moments_at_any_dimension(d, seed):
    setting = Setting(d=d, test_size=6000, x1_scale=1.0)
    drawn = sample(setting, [seed], "test")
    x1, labels = drawn.x1[drawn.has1] * math.sqrt(d), drawn.labels[drawn.has1]
    assert float((labels * x1[:, 0]).mean()) == pytest.approx(1 + math.sqrt(2 / math.pi), abs=0.06)
    assert float(x1[:, 1:].square().mean()) == pytest.approx(1, abs=0.06)
    assert float(drawn.has1.double().mean()) == pytest.approx(0.8, abs=0.03)
    assert float(drawn.has2.double().mean()) == pytest.approx(0.8, abs=0.03)
    assert float(labels.mean()) == pytest.approx(0, abs=0.08)


@pytest.mark.parametrize(("rays", "ceiling"), [(3, 75.0), (5, 200 / 3)])
def test_no_direction_in_the_plane_of_q_beats_the_linear_ceiling(rays, ceiling):
    setting = Setting(rays=rays, r=0.1, p=0.0, q=1.0, test_size=20_000)
    drawn = sample(setting, [0], "test")
    x2, labels = drawn.x2(setting)[0], drawn.labels[0]
    angles = torch.linspace(0, 2 * math.pi, 7201, dtype=torch.float64)
    said = (x2 @ torch.stack([angles.cos(), angles.sin()])).sign()
    best = 100 * float((said == labels[:, None]).double().mean(0).max())
    assert best == pytest.approx(ceiling, abs=1.0)
    assert 100 * (1 - setting.linear_error) == pytest.approx(ceiling)
