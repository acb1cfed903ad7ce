from dataclasses import replace

import pytest

from lrreg_utils import Config, Schedule, experiment
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import SHARES, Shares
from lrreg_utils.experiments.presets import experiment_for


def test_paper_takes_every_default_of_config():
    paper = experiment("paper")
    assert paper.base == Config(paper.schedules["large_lr"])


def test_paper_large_runs_29_epochs_at_a_tenth_and_31_at_4_thousandths():
    schedule = experiment("paper").schedules["large_lr"]
    rates = [round(schedule.lr(epoch), 12) for epoch in range(1, 61)]
    assert rates == [0.1] * 29 + [0.004] * 31
    assert schedule.anneal_factor == pytest.approx(0.04)
    assert {schedule.noise_std(epoch) for epoch in range(1, 61)} == {0}


def test_paper_small_runs_at_4_thousandths_throughout():
    schedule = experiment("paper").schedules["small_lr"]
    assert {schedule.lr(epoch) for epoch in range(1, 61)} == {0.004}
    assert {schedule.noise_std(epoch) for epoch in range(1, 61)} == {0}


def test_paper_noise_is_four_tenths_until_epoch_30_and_a_hundred_thousandth_of_that_after():
    schedule = experiment("paper").schedules["small_lr_noise"]
    assert {schedule.lr(epoch) for epoch in range(1, 61)} == {0.004}
    stds = [schedule.noise_std(epoch) for epoch in range(1, 61)]
    assert stds == pytest.approx([0.4] * 29 + [0.4e-5] * 31)


def test_paper_control_never_anneals():
    assert experiment("paper").schedules["large_lr_constant"] == Schedule("large_lr_constant", 0.1)


@pytest.mark.parametrize("name", ["paper", "small", "digits"])
def test_every_experiment_compares_the_same_schedules(name):
    found = experiment(name)
    assert found.name == name
    assert list(found.schedules) == ["large_lr", "small_lr", "small_lr_noise", "large_lr_constant"]
    before, after = (found.schedules["large_lr"].lr(found.anneal_epoch - step) for step in (1, 0))
    assert after < before
    assert 1 < found.anneal_epoch <= found.base.epochs
    assert found.schedules["small_lr"].lr(1) < before


def test_a_config_differs_from_the_base_in_schedule_and_seed_alone():
    paper = experiment("paper")
    assert paper.config("small_lr", 7) == Config(paper.schedules["small_lr"], seed=7)


def test_configs_come_seed_by_seed():
    runs = [(config.seed, config.schedule.name) for config in experiment("digits").configs(range(4, 6))]
    names = ["large_lr", "small_lr", "small_lr_noise", "large_lr_constant"]
    assert runs == [(seed, name) for seed in (4, 5) for name in names]


def test_references_are_both_rates_in_the_same_mixture():
    central = experiment("hidden")
    found = central.references(range(3, 4))
    assert [(run.seed, run.schedule.name) for run in found] == [(3, "large_lr"), (3, "small_lr")] * 2
    inert, removed = found[0], found[2]
    usual = central.config("large_lr", 3)
    assert replace(inert, patch_strength=1.4) == replace(removed, shares=SHARES["code"]) == usual
    assert removed.shares == Shares(0.2, 0.8, 0.0, redraw=True)


def test_both_rates_of_the_central_experiments_end_at_the_same_rate():
    for name in ("hidden", "convnet"):
        schedules = experiment(name).schedules
        ends = [schedules[key].lr(60) for key in ("large_lr", "small_lr", "small_lr_noise")]
        assert ends == pytest.approx([0.016] * 3)


def test_with_changes_a_copy():
    paper = experiment("paper")
    assert paper.with_(epochs=3).base.epochs == 3
    assert experiment("paper").base.epochs == paper.base.epochs == 60


@pytest.mark.parametrize(
    ("data", "name"), [("digits", "hidden"), ("cifar10", "photographs"), ("folder:x", "photographs")]
)
def test_the_experiment_of_a_data_source(data, name):
    found = experiment_for(data)
    assert (found.name, found.base.data) == (name, data)


@pytest.mark.parametrize("wrong", [
    lambda: experiment("huge"), lambda: experiment("paper", "mnist"), lambda: experiment_for("mnist"),
    lambda: experiment("paper").config("medium_lr", 0), lambda: experiment("paper").config("large_lr", -1),
])
def test_unknown_names_and_bad_seeds_are_user_errors(wrong):
    with pytest.raises(UserError):
        wrong()
