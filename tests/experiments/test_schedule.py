import math
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrreg_utils import Schedule
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.schedule import compared_schedules

RATES = st.floats(1e-6, 10)
EPOCHS = st.integers(2, 80)
ANNEALS = st.sets(EPOCHS, max_size=4).map(lambda epochs: tuple(sorted(epochs)))


def test_the_rate_is_lowered_at_the_anneal_epoch_itself():
    schedule = Schedule("s", 0.1, (30,), 0.04)
    assert schedule.lr(1) == schedule.lr(29) == 0.1
    assert schedule.lr(30) == schedule.lr(60) == pytest.approx(0.004)


def test_every_anneal_multiplies_the_rate_again():
    schedule = Schedule("s", 0.1, (60, 120, 150), 0.2)
    rates = [schedule.lr(epoch) for epoch in (59, 60, 119, 120, 149, 150, 200)]
    assert rates == pytest.approx([0.1, 0.02, 0.02, 0.004, 0.004, 0.0008, 0.0008])


def test_the_noise_is_turned_down_at_its_own_epoch():
    schedule = Schedule("s", 0.004, (5,), 0.1, noise=0.4, noise_until=30)
    assert schedule.noise_std(1) == schedule.noise_std(29) == 0.4
    assert schedule.noise_std(30) == schedule.noise_std(60) == pytest.approx(0.4e-5)


def test_noise_without_an_end_stays():
    assert Schedule("s", 0.1, noise=0.3).noise_std(1000) == 0.3


def test_change_epochs_are_sorted_and_named_once():
    assert Schedule("s", 0.1, (5, 9), 0.1, noise=1.0, noise_until=7).change_epochs == (5, 7, 9)
    assert Schedule("s", 0.1, (5,), 0.1, noise=1.0, noise_until=5).change_epochs == (5,)
    assert Schedule("s", 0.1).change_epochs == ()


@given(RATES, ANNEALS, st.floats(0.01, 1), st.floats(0, 2), st.none() | EPOCHS, st.floats(0, 1))
def test_rate_and_noise_never_rise(lr, anneals, factor, noise, until, noise_factor):
    schedule = Schedule("s", lr, anneals, factor, noise, until, noise_factor)
    for value in (schedule.lr, schedule.noise_std):
        values = [value(epoch) for epoch in range(1, 90)]
        assert values == sorted(values, reverse=True)
    changes = [epoch for epoch in range(2, 90) if schedule.lr(epoch) != schedule.lr(epoch - 1)]
    assert changes == (list(anneals) if factor < 1 else [])


@pytest.mark.parametrize("value", [0, -0.1, math.nan, math.inf])
@pytest.mark.parametrize("field", ["initial_lr", "anneal_factor"])
def test_a_rate_must_be_positive_and_finite(field, value):
    with pytest.raises(UserError, match=f"schedule mine: {field} must be above 0 and finite, got"):
        Schedule(**{"name": "mine", "initial_lr": 0.1, field: value})


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
@pytest.mark.parametrize("field", ["noise", "noise_factor"])
def test_noise_must_be_finite_and_not_negative(field, value):
    with pytest.raises(UserError, match=f"{field} must be 0 or more"):
        Schedule("mine", 0.1, **{field: value})


@pytest.mark.parametrize("fields", [
    {"anneal_epochs": (1,)}, {"anneal_epochs": (0,)}, {"anneal_epochs": (-3,)},
])
def test_an_anneal_epoch_is_2_or_later(fields):
    with pytest.raises(UserError, match="an anneal epoch must be 2 or later"):
        Schedule("mine", 0.1, **fields)


@pytest.mark.parametrize(("fields", "words"), [
    ({"name": 3}, "schedule: name must be text, got 3"),
    ({"name": "a" * 101}, "schedule: a name is made of letters"),
    ({"initial_lr": "fast"}, "schedule mine: initial_lr must be a number, got 'fast'"),
    ({"initial_lr": True}, "initial_lr must be a number, got True"),
    ({"initial_lr": 10**400}, r"initial_lr must be below 2\*\*63, got 1000"),
    ({"anneal_epochs": (2.5,)}, r"anneal_epochs must be a list of whole numbers, got \(2.5,\)"),
    ({"anneal_epochs": (2, True)}, "anneal_epochs must be a list of whole numbers"),
    ({"anneal_epochs": ((2,),)}, "anneal_epochs must be a list of whole numbers"),
    ({"anneal_epochs": (2, 10**20)}, "anneal_epochs must be a list of whole numbers"),
    ({"anneal_epochs": (2, 3), "anneal_factor": 1e200}, "the rate after every anneal must be finite"),
    ({"noise_until": 1}, "schedule mine: noise_until must be 2 or later, got 1"),
    ({"noise_until": "never"}, "noise_until must be a whole number, or left out, got 'never'"),
])
def test_a_field_of_the_wrong_kind_is_named(fields, words):
    with pytest.raises(UserError, match=words):
        Schedule(**{"name": "mine", "initial_lr": 0.1, **fields})


@pytest.mark.parametrize("epochs", [(30, 20), (30, 30)])
def test_anneal_epochs_must_increase(epochs):
    with pytest.raises(UserError, match="anneal_epochs must increase"):
        Schedule("mine", 0.1, epochs)


def test_a_schedule_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Schedule("mine", 0.1).initial_lr = 0.2


def test_compared_schedules_are_three_and_the_control():
    compared = compared_schedules(0.5, 0.01, 0.02, anneal_epoch=9, noise=0.3)
    assert list(compared) == ["large_lr", "small_lr", "small_lr_noise", "large_lr_constant"]
    assert all(schedule.name == name for name, schedule in compared.items())
    rates = {name: (schedule.lr(8), schedule.lr(9)) for name, schedule in compared.items()}
    assert rates["large_lr"] == pytest.approx((0.5, 0.02))
    assert rates["small_lr"] == rates["small_lr_noise"] == (0.01, 0.01)
    assert rates["large_lr_constant"] == (0.5, 0.5)
    noises = {name: (schedule.noise_std(8), schedule.noise_std(9)) for name, schedule in compared.items()}
    assert noises.pop("small_lr_noise") == pytest.approx((0.3, 0.3e-5))
    assert set(noises.values()) == {(0, 0)}


def test_the_noise_may_end_at_another_epoch_than_the_anneal():
    noisy = compared_schedules(0.5, 0.01, 0.02, anneal_epoch=9, noise=0.3, noise_until=4)["small_lr_noise"]
    assert (noisy.noise_std(3), noisy.noise_std(4)) == pytest.approx((0.3, 0.3e-5))


@pytest.mark.parametrize(("kind", "level", "said"), [
    ("thermal", 0.1, "noise_kind must be one of activation, dropout, gradient, label, batch"),
    ("label", 1.0, "noise must be below 1 for label"), ("dropout", 1.5, "noise must be below 1 for dropout"),
])
def test_a_kind_of_noise_must_be_known_and_its_level_possible(kind, level, said):
    with pytest.raises(UserError, match=said):
        Schedule("mine", 0.1, noise=level, noise_kind=kind)
