"""Behind batch norm the length of weights does not matter: changed lengths keep the network's function."""

from dataclasses import replace

import pytest
import torch

from lrreg_utils.devices import known_state
from lrreg_utils.errors import UserError
from lrreg_utils.experiments.config import Config
from lrreg_utils.images.sources import prepare
from lrreg_utils.seeding import generator
from lrreg_utils.training.model import build_model, model_of
from lrreg_utils.training.trainer import Trainer, mean_length, reset_lengths

CPU = torch.device("cpu")


@pytest.fixture(params=["hidden-64", "small", "wrn16-2"])
def trained(request, tiny) -> Trainer:
    config = replace(tiny, model=request.param, image_size=16, patch_size=5, epochs=4, train_size=200,
                     schedule=replace(tiny.schedule, initial_lr=0.2, noise=0.0, anneal_epochs=(4,)))
    with known_state(1):
        run = Trainer(config, prepare(config), CPU)
        for _ in range(3):
            run.next_epoch()
    return run


def reset(run: Trainer) -> None:
    momentum = {weights: state["momentum_buffer"] for weights, state in run.optimizer.state.items()}
    reset_lengths(run.model, run.initial_lengths, momentum)


@pytest.mark.parametrize(("training", "tolerance"), [(False, 1e-5), (True, 1e-3)])
def test_the_function_is_the_same_after_a_reset(trained, training, tolerance):
    """In training mode batch norm's epsilon makes a difference: it does not scale with the variance."""
    images = trained.normalize(trained.train_split.images[:64])
    trained.model.train(training)
    with torch.no_grad():
        before = trained.model(images).softmax(1)
        longer = mean_length(trained.model)
        reset(trained)
        after = trained.model(images).softmax(1)
    assert mean_length(trained.model) < longer
    torch.testing.assert_close(after, before, rtol=0, atol=tolerance)


def test_a_reset_gives_every_channel_its_first_length_and_no_momentum(trained):
    reset(trained)
    fresh = model_of(trained.config, 1, 10)
    for own, first in zip(trained.model.incoming(), fresh.incoming(), strict=True):
        torch.testing.assert_close(own.lengths(), first.lengths(), rtol=1e-5, atol=1e-6)
        for weights in own.weights:
            assert not trained.optimizer.state[weights]["momentum_buffer"].any()


def test_it_is_done_once_at_the_first_anneal(tiny):
    schedule = replace(tiny.schedule, initial_lr=1.0, anneal_epochs=(3, 4), noise=0.0)
    config = replace(tiny, model="hidden-64", epochs=4, reset_lengths=True, schedule=schedule)
    with known_state(1):
        run, plain = (Trainer(one, prepare(one), CPU)
                      for one in (config, replace(config, reset_lengths=False)))
        reset, kept = ([row["weight_length"] for row in (one.next_epoch() for _ in range(4))]
                       for one in (run, plain))
    assert reset[:2] == kept[:2]
    first = float(run.initial_lengths[0].mean())
    assert kept[1] > 1.2 * first and reset[2] < 1.1 * first < kept[2]
    assert reset[3] != pytest.approx(first, rel=1e-6)  # the second anneal resets nothing


def test_longer_initial_weights_compute_the_same(tiny):
    for model in ("hidden-64", "small"):
        config = replace(tiny, model=model, image_size=16)
        short, long = (model_of(one, 1, 10) for one in (config, replace(config, initial_scale=6.0)))
        assert mean_length(long) == pytest.approx(6 * mean_length(short))
        x = torch.randn(64, 1, 16, 16, generator=generator(0, "images"))
        torch.testing.assert_close(long(x).softmax(1), short(x).softmax(1), rtol=0, atol=1e-4)


def test_every_normalized_weight_is_among_the_incoming_ones_once():
    for name in ("small", "wrn16-1", "wrn16-4"):
        model = build_model(name, channels=3, classes=10, noise_per_sample=False, rng=generator(0, "init"))
        found = [id(weights) for incoming in model.incoming() for weights in incoming.weights]
        norms = [id(norm) for incoming in model.incoming() for norm in incoming.norms]
        convolutions = [module for module in model.modules() if isinstance(module, torch.nn.Conv2d)]
        assert sorted(found) == sorted(id(layer.weight) for layer in convolutions)
        assert sorted(norms) == sorted(id(module) for module in model.modules()
                                       if isinstance(module, torch.nn.BatchNorm2d))


@pytest.mark.parametrize(("change", "name"), [({"reset_lengths": True}, "reset_lengths"),
                                              ({"initial_scale": 3.0}, "initial_scale")])
def test_without_batch_norm_the_function_would_change(tiny, change, name):
    with pytest.raises(UserError, match=f"^{name} needs norm batch"):
        Config(tiny.schedule, norm="group", **change)
