"""The hidden-layer network: alone and side by side it computes the same, by plain formulas."""

import pytest
import torch
from torch.nn import functional as F

from lrreg_utils.seeding import generator
from lrreg_utils.training.hidden_layer import HiddenLayer, side_by_side
from lrreg_utils.training.model import build_model


def build(norm="batch", seed=0, **more):
    return build_model("hidden-24", channels=1, classes=10, noise_per_sample=True, norm=norm, image_size=4,
                       rng=generator(seed, "init"), **more)


def images(count=9, seed=0):
    return torch.randn(count, 1, 4, 4, generator=generator(seed, "images"))


def test_it_is_linear_normalized_rectified_and_linear():
    model, x = build(), images()
    drive = x.flatten(1) @ model.hidden[0]
    normal = (drive - drive.mean(0)) / (drive.var(0, unbiased=False) + 1e-5).sqrt()
    expected = normal.clamp(min=0) @ model.readout[0] + model.bias[0]
    torch.testing.assert_close(model(x), expected, rtol=1e-5, atol=1e-5)


def test_without_normalization_there_is_a_bias():
    model, x = build("none"), images()
    with torch.no_grad():
        model.norm.bias += 0.5
    expected = (x.flatten(1) @ model.hidden[0] + 0.5).clamp(min=0)
    torch.testing.assert_close(model.features(x), expected)


def test_group_norm_is_over_eight_groups_of_one_image():
    model, x = build("group"), images()
    expected = F.group_norm(x.flatten(1) @ model.hidden[0], 8).clamp(min=0)
    torch.testing.assert_close(model.features(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("norm", ["batch", "group", "none"])
def test_each_of_several_runs_computes_what_it_computes_alone(norm):
    alone = [build(norm, seed) for seed in range(3)]
    many = side_by_side(alone)
    each = [images(seed=seed) for seed in range(3)]
    labels = torch.arange(9)
    logits = many(torch.stack([x.flatten(1) for x in each]))
    (F.cross_entropy(logits.flatten(0, 1), labels.repeat(3), reduction="none").sum() / 9).backward()
    for place, (model, x) in enumerate(zip(alone, each, strict=True)):
        own = model(x)
        F.cross_entropy(own, labels).backward()
        torch.testing.assert_close(logits[place], own)
        for name in ("hidden", "readout", "bias"):
            torch.testing.assert_close(getattr(many, name).grad[place], getattr(model, name).grad[0])


def test_noise_of_each_run_is_from_its_own_stream_and_differs_by_unit_and_image():
    many = side_by_side([build(seed=seed) for seed in range(2)])
    many.relu.stds, many.relu.rngs = [0.5, 0.5], [generator(seed, "noise") for seed in range(2)]
    many.relu.train()
    drawn = many.relu(torch.full((2, 200, 24), 100.0)) - 100
    for place in range(2):
        own = 0.5 * torch.randn(200, 24, generator=generator(place, "noise"))
        torch.testing.assert_close(drawn[place], own, rtol=0, atol=1e-5)


@torch.no_grad()
def test_initial_weights_have_the_laws_that_torch_and_he_name():
    wide = HiddenLayer(400, 300)
    assert float(wide.hidden.abs().max()) == pytest.approx(1 / 20, rel=1e-2)  # U(-1, 1) / sqrt(fan-in)
    assert float(wide.readout.abs().max()) == pytest.approx(300**-0.5, rel=1e-2)
    wide.initialize_as_he()
    assert float(wide.hidden.std()) == pytest.approx((2 / 300) ** 0.5, rel=1e-2)
    assert not wide.bias.any()


def test_the_number_of_weights():
    model = build_model("hidden-128", channels=1, classes=10, noise_per_sample=False, image_size=16,
                        rng=generator(0, "init"))
    assert sum(weights.numel() for weights in model.parameters()) == 256 * 128 + 2 * 128 + 128 * 10 + 10
