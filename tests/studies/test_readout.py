"""A new last layer is fitted to what it says: frozen features, of images that are or are not trained on."""

from dataclasses import replace

import pytest
import torch

from lrreg_utils import Schedule, generator, prepare
from lrreg_utils.experiments.presets import Experiment
from lrreg_utils.images.sources import load_images
from lrreg_utils.studies import readout
from lrreg_utils.training.model import model_of


@pytest.fixture
def config(tiny):
    return replace(tiny, model="hidden-32", pixel_noise=0.5, train_size=200, epochs=3)


def test_held_out_images_are_others_with_noise_of_the_same_kind(config):
    quiet = replace(config, pixel_noise=0.0)
    trained, others = prepare(quiet).train, readout.held_out(quiet).train
    shown = {image.numpy().tobytes() for image in trained.images}
    assert len(others) == 200 and not shown & {image.numpy().tobytes() for image in others.images}
    noisy, ours = readout.held_out(config), prepare(config)
    torch.testing.assert_close(noisy.std, ours.std, rtol=0.05, atol=0)
    everything = replace(quiet, train_size=1000)
    assert len(readout.held_out(everything).train) == len(load_images("digits", 8).train) - 1000


def test_a_new_last_layer_reads_what_an_own_one_does_not(config):
    """A network whose own last layer says nothing, on features that are as good as pixels."""
    images = prepare(config)
    model = model_of(config, images.channels, len(images.classes))
    with torch.no_grad():
        model.hidden[0].normal_(generator=generator(0, "features"))
        model.readout.zero_()
    found = readout.accuracies(model, config)
    assert found["own"] == pytest.approx(10, abs=1)
    assert min(found["trained"], found["held_out"]) > 40


def test_the_study_has_both_rates_at_two_moments_and_an_untrained_network(config, monkeypatch):
    schedules = {"large_lr": Schedule("large_lr", 0.1, (3,), 0.1), "small_lr": Schedule("small_lr", 0.01)}
    monkeypatch.setattr(readout, "experiment", lambda name: Experiment(name, config, schedules))
    monkeypatch.setattr(readout, "PENALTIES", [0.1])
    found = readout.new_readout(range(1))
    assert {name: len(runs[0]) for name, runs in found.items()} == {
        "large_lr": 2, "small_lr": 2, "untrained": 1}
    assert found["large_lr"][0][0] != found["large_lr"][0][1]
