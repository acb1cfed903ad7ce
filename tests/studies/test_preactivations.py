"""Noise of pre-activations: the measures against known signals, and training left as it was."""

import json
import math
from dataclasses import replace

import pytest
import torch

from lrreg_utils.experiments.schedule import Schedule
from lrreg_utils.images.patches import BOTH, CLEAN, PATCH_ONLY
from lrreg_utils.images.sources import prepare
from lrreg_utils.studies.preactivations import (
    Probe,
    noise_course,
    noise_study,
    preactivations,
    site_measures,
    step_noise,
)
from lrreg_utils.training.train import train
from lrreg_utils.training.trainer import Trainer

SIZES = {CLEAN: 5, PATCH_ONLY: 4, BOTH: 16}


@pytest.fixture
def quiet(tiny):
    return replace(tiny, schedule=Schedule("constant", 0.05), epochs=3)


@pytest.fixture
def small_probe(monkeypatch):
    monkeypatch.setattr(Probe.__init__, "__defaults__", (SIZES,))


def run_of(config, **hooks):
    return Trainer(config, prepare(config), torch.device("cpu"), **hooks)


def test_white_noise_has_its_std_by_every_measure():
    values = 3 * torch.randn(40, 20_000, generator=torch.Generator().manual_seed(0))
    for name, std in step_noise(values).items():
        assert std.square().mean().sqrt() == pytest.approx(3, rel=0.02), name


def test_a_straight_drift_is_no_noise():
    time = torch.arange(41, dtype=torch.float64)
    found = step_noise(torch.stack([2 * time, -time + 5], 1))
    assert found["noise"] == pytest.approx([0, 0], abs=1e-6)
    std = math.sqrt(41 * 42 / 12)  # of 0, 1, ..., 40, by its formula
    assert found["window"] == pytest.approx([2 * std, std])
    assert found["successive"] == pytest.approx([math.sqrt(2), math.sqrt(0.5)])


def test_a_slow_wave_is_noise_that_neighbours_do_not_show():
    wave = torch.sin(2 * torch.pi * torch.arange(4000) / 200)[:, None].double()
    found = step_noise(wave)
    assert found["noise"].item() == pytest.approx(math.sqrt(0.5), rel=0.02)
    assert found["successive"].item() == pytest.approx(math.sin(math.pi / 200), rel=0.01)


def test_signals_are_stds_over_the_examples_of_a_group():
    mean = torch.tensor([0.0, 2.0, 5.0, 5.0, 1.0])  # clean twice, patch-only twice, both
    found = site_measures(mean.expand(10, 5)[..., None], torch.tensor([0, 0, 1, 1, 2]))
    assert found["noise"] == 0
    assert found["image"] == pytest.approx(math.sqrt(2), rel=1e-4)
    assert found["patch"] == 0
    assert found["spread"] == pytest.approx(mean.std().item(), rel=1e-4)


def test_pre_activations_are_what_batch_norm_gives(quiet):
    run = run_of(quiet)
    probe = Probe(run, SIZES)
    assert probe.groups.bincount().tolist() == [5, 4, 16]
    seen = preactivations(run.model, probe.inputs)
    assert len(seen) == 7
    stem = run.model.stem(probe.inputs)
    expected = (stem - stem.mean((0, 2, 3), keepdim=True)) / (
        stem.var((0, 2, 3), keepdim=True, unbiased=False) + 1e-5).sqrt()
    assert seen[0] == pytest.approx(expected.flatten(1).detach(), abs=1e-4)


@pytest.mark.parametrize("passes", [1, 2])
def test_looking_does_not_disturb_training(quiet, small_probe, passes):
    config, seen = replace(quiet, passes=passes), []
    alone = run_of(config)
    probe = Probe(alone)
    watched = run_of(config, after_step=[
        lambda trainer: seen.append(preactivations(trainer.model, probe.inputs))])
    for _ in range(2):
        watched.next_epoch()
        alone.next_epoch()
    assert len(seen) == 2 * passes * 5
    for name, value in watched.model.state_dict().items():
        assert torch.equal(value, alone.model.state_dict()[name]), name


def test_every_step_of_a_measured_epoch_is_seen(quiet, small_probe):
    (row,) = noise_course(quiet, [2])
    assert len(row["noise"]) == 7 and min(row["noise"]) > 0
    trained = train(replace(quiet, epochs=2), "cpu").history
    assert row["test_clean_accuracy"] == round(trained.at("test_clean_accuracy", -1), 2)


def test_noise_of_a_rate_near_zero_is_near_zero(quiet, small_probe):
    (row,) = noise_course(replace(quiet, schedule=Schedule("constant", 1e-9)), [1])
    assert max(row["noise"]) < 1e-5


def test_a_study_holds_a_row_for_each_rate_seed_and_epoch(quiet, small_probe):
    found = noise_study([100, 101], (0.01, 0.1), (1, 3), (2,), quiet)
    assert [(row["seed"], row["rate"], row["epoch"]) for row in found["rates"]] == [
        (seed, rate, epoch) for seed in (100, 101) for rate in (0.01, 0.1) for epoch in (1, 3)]
    assert [row["epoch"] for row in found["courses"]["large_lr"]] == [2, 2]
    json.dumps(found, allow_nan=False)
    first = replace(quiet, schedule=Schedule("constant", 0.01), seed=100)
    assert found["rates"][:2] == noise_course(first, (1, 3))
