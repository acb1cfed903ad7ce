"""The network of finite width: its gradient, its noise, its limit of infinite width, its refusals."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from lrreg_utils.errors import UserError
from lrreg_utils.theory.finite_width import FiniteWidthSettings, TwoLayer
from lrreg_utils.theory.infinite_width import InfiniteWidthNetwork, Phase
from lrreg_utils.theory.setting import Setting, sample

TINY = Setting(d=30, train_size=20, test_size=50, p=0.25, q=0.25, r=0.3, rays=3, x1_scale=1.0)
SMALL = FiniteWidthSettings(width1=16, width2=40, tau0=0.7, lam=1e-3, large_rate=2.0, small_rate=0.1)


def network(recipe=SMALL, seeds=(1, 2), setting=TINY, **more):
    seeds = list(seeds)
    return TwoLayer(setting, recipe, sample(setting, seeds, "train"), seeds, **more)


@pytest.mark.parametrize("mirrored", [True, False])
@pytest.mark.parametrize("batched", [True, False])
def test_gradient_against_autograd(mirrored, batched):
    ours = network(replace(SMALL, mirrored=mirrored), dtype=torch.float64)
    ours.rows = [rows + 0.1 * torch.randn_like(rows) for rows in ours.rows]
    batch = torch.tensor([[3, 5, 5, 11], [0, 1, 2, 19]]) if batched else None
    rows = [part.clone().requires_grad_() for part in ours.rows]
    output = sum(
        torch.relu(torch.einsum("snd,smd->snm", x, part)) @ signs
        for x, part, signs in zip(ours.inputs, rows, ours.signs, strict=True)
    )
    losses = torch.nn.functional.softplus(-ours.labels * output) * ours.shown
    chosen = losses if batch is None else losses.gather(1, batch)
    expected = torch.autograd.grad(chosen.mean(1).sum(), rows)
    for found, right in zip(ours.gradient(batch), expected, strict=True):
        assert (found - right).norm() <= 1e-6 * right.norm()


def test_mirrored_pairs_start_as_the_zero_function_and_others_do_not():
    assert all(float(half.abs().max()) < 1e-5 for half in network().halves(network().inputs))
    plain = network(replace(SMALL, mirrored=False), seeds=range(200), dtype=torch.float64)
    # half the signs are +, half -: variance tau0^2 |x|^2 (1 - 1/pi)/2, at any width
    half = plain.halves(plain.inputs)[0]
    lengths = plain.inputs[0].square().sum(-1)
    there = lengths > 0
    ratio = (half[there] ** 2 / lengths[there]).mean() / (SMALL.tau0**2 * (1 - 1 / math.pi) / 2)
    assert float(ratio) == pytest.approx(1, abs=0.1)


def test_injected_noise_is_stationary_at_the_large_rate_and_shrinks_at_the_small_one():
    recipe = replace(SMALL, lam=0.05, large_rate=2.0, small_rate=0.2, width2=4000)
    ours = network(recipe)
    ours.train(2.0, 200)  # gradients are small beside tau0 at this width
    assert float(ours.rows[1].std()) == pytest.approx(recipe.tau0, rel=0.03)
    ours.train(0.2, 600)
    # stationary variance eta2 Var(xi)/(2 lam - eta2 lam^2)
    variance = 0.2 * recipe.noise_std**2 / (2 * recipe.lam - 0.2 * recipe.lam**2)
    assert float(ours.rows[1].std()) == pytest.approx(math.sqrt(variance), rel=0.1)


@pytest.mark.parametrize("noise", ["injected", "minibatch", "none"])
def test_stacked_seeds_are_those_that_train_alone(noise):
    recipe = replace(SMALL, noise=noise, batch=5)
    together = network(recipe, dtype=torch.float64)
    together.train(1.0, 40)
    for place, seed in enumerate((1, 2)):
        alone = network(recipe, seeds=[seed], dtype=torch.float64)
        alone.train(1.0, 40)
        for one, many in zip(alone.rows, together.rows, strict=True):
            torch.testing.assert_close(one[0], many[place], rtol=1e-9, atol=1e-12)


def test_distance_to_infinite_width_falls_as_the_root_of_the_width():
    setting, lam, seeds = replace(TINY, d=100), 1e-2, list(range(6))
    train = sample(setting, seeds, "train")
    limit = InfiniteWidthNetwork(setting, train, lam)
    limit.run(Phase(1.0), 0.25)
    widths, distances = (250, 1000, 4000), []
    for width in widths:
        recipe = FiniteWidthSettings(width, width, tau0=1.0, lam=lam, large_rate=0.5, small_rate=0.1,
                                     momentum=0.0)
        ours = TwoLayer(setting, recipe, train, seeds)
        ours.train(0.5, 200)
        output = sum(ours.halves(ours.inputs)).double()
        distances.append(float((output - limit.train_output()).norm() / limit.train_output().norm()))
    slope = np.polyfit(np.log(widths), np.log(distances), 1)[0]
    assert -0.65 < slope < -0.35, distances
    assert distances[-1] < 0.1  # 0.05 at 16,000 neurons


@pytest.mark.parametrize("change", [
    {"width1": 0}, {"width1": -2}, {"width2": 3}, {"width2": math.nan}, {"tau0": 0.0}, {"lam": math.nan},
    {"large_rate": 0.0}, {"momentum": -0.1}, {"momentum": math.nan}, {"batch": 2.5},
    {"tau0": -1.0}, {"lam": 0.0}, {"large_rate": math.nan},
    {"small_rate": -2.0}, {"momentum": 1.0}, {"noise": "loud"}, {"batch": 0},
    {"large_rate": 1000.0, "lam": 0.01},
])
def test_bad_recipes_are_refused(change):
    with pytest.raises(UserError, match=f"theory: {next(iter(change))}"):
        replace(SMALL, **change)


def test_a_rate_beyond_stability_is_refused():
    ours = network()
    with pytest.raises(UserError, match="to be stable"):
        ours.train(1.01 * ours.stable_rate(), 1)
    with pytest.raises(UserError, match="steps"):
        ours.train(1.0, 0)


def test_a_batch_larger_than_the_set_is_refused():
    with pytest.raises(UserError, match="batch must be at most"):
        network(replace(SMALL, noise="minibatch", batch=21))
