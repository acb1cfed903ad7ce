"""The two-time kernel: its series, its integrator against the exact kernel, its refusals."""

import math
from dataclasses import replace

import pytest
import torch

from lrreg_utils.errors import UserError
from lrreg_utils.theory.infinite_width import InfiniteWidthNetwork, Phase, bin_weights, clock, power_bins
from lrreg_utils.theory.setting import Setting, sample

TINY = Setting(d=300, train_size=16, test_size=50, p=0.25, q=0.25, r=0.3)
LAM = 1e-3


@pytest.mark.parametrize("cosine", [1.0, math.cos(0.07), math.cos(0.28), 0.3, 0.0, -0.5])
def test_bins_add_up_to_arcsin(cosine):
    assert float(bin_weights(cosine).sum()) == pytest.approx(math.asin(cosine), abs=1e-12)


@pytest.mark.parametrize("cosine", [1.0, math.cos(0.07), math.cos(0.28)])
@pytest.mark.parametrize("lag", [1e-6, 1e-4, 1e-2, 0.3, 2.0])
def test_binned_decay_follows_arcsin(cosine, lag):
    _, powers = power_bins()
    decayed = float(bin_weights(cosine) @ torch.exp(-powers * lag))
    assert decayed == pytest.approx(math.asin(cosine * math.exp(-lag)), rel=1e-3)


def test_clock_of_a_phase_at_the_large_rate_and_below():
    assert clock(LAM, 1, 500) == pytest.approx(0.5)
    assert clock(LAM, 1 + 1e-12, 500) == pytest.approx(0.5)
    assert clock(LAM, 1e12, 500) == pytest.approx(0, abs=1e-11)
    # correlation of an Ornstein-Uhlenbeck path whose noise power fell by 4, from its variance
    u, variance = 300.0, math.exp(-0.6) + 0.25 * (1 - math.exp(-0.6))
    assert math.exp(-clock(LAM, 4, u)) == pytest.approx(math.exp(-LAM * u) / math.sqrt(variance))


def direct(setting, train, phases, step):
    """Plain steps of gradient descent, every output a sum over all past gradients and the exact kernel."""
    x1, x2, labels = train.x1[0], train.x2(setting)[0], train.labels[0]
    halves = []
    for x in (x1, x2):
        lengths = x.norm(dim=1)
        inner, product = x @ x.T, (lengths[:, None] * lengths).clamp_min(1e-300)
        halves.append((inner, (inner / product).clamp(-1, 1)))
    past, pulls, start = torch.zeros(0, 2, dtype=torch.float64), labels.new_zeros(0, len(labels)), (0.0, 0.0)
    for phase in phases:
        count = round(phase.length / LAM / step)
        for index in range(count + 1):
            u, passed = start[0] + index * step, start[1] + clock(LAM, phase.ratio, index * step)
            fade, rho = torch.exp(LAM * (past[:, 0] - u)), torch.exp(past[:, 1] - passed)
            outputs = torch.zeros(len(labels), dtype=torch.float64)
            for inner, cosine in halves:
                angles = torch.asin((rho[:, None, None] * cosine).clamp(-1, 1))
                kernels = inner * (0.25 + angles / (2 * math.pi))
                outputs = outputs + step * torch.einsum("t,tij,tj->i", fade, kernels, pulls)
            if index < count:
                # each pull acts in the middle of its step
                middle = (u + step / 2, start[1] + clock(LAM, phase.ratio, (index + 0.5) * step))
                past = torch.cat([past, torch.tensor([middle], dtype=torch.float64)])
                pull = labels * torch.sigmoid(-labels * outputs) / len(labels)
                pulls = torch.cat([pulls, pull[None]])
        start = (u, passed)
    return outputs


PHASES = (Phase(0.2), Phase(0.1, 1e9))


def integrate(step):
    network = InfiniteWidthNetwork(TINY, sample(TINY, [3], "train"), LAM)
    for phase in PHASES:
        network.run(phase, step)
    return network


def test_integrator_against_a_direct_sum_over_the_exact_kernel():
    train = sample(TINY, [3], "train")
    coarse, fine = (direct(TINY, train, PHASES, step) for step in (1.0, 0.5))
    exact = 2 * fine - coarse  # the direct sum is of first order: its error halves with the step
    ours = integrate(0.5).train_output()[0]
    assert ((ours - exact).norm() / exact.norm()) <= 1e-3


def test_integrator_is_of_second_order():
    outputs = [integrate(step).train_output() for step in (8.0, 4.0, 0.5)]
    errors = [(output - outputs[-1]).norm() for output in outputs[:-1]]
    assert 3 < errors[0] / errors[1] < 5


def test_a_step_that_is_too_coarse_is_refused():
    network = InfiniteWidthNetwork(TINY, sample(TINY, [3], "train"), LAM)
    limit = 2 / (network.stiffness() + LAM)
    with pytest.raises(UserError, match="step must lie in"):
        network.run(Phase(1.0), 1.01 * limit)
    assert not network.states2.any()


@pytest.mark.parametrize("lam", [0.0, -1.0, math.nan, math.inf])
def test_weight_decay_must_be_positive(lam):
    with pytest.raises(UserError, match="lam"):
        InfiniteWidthNetwork(TINY, sample(TINY, [3], "train"), lam)


@pytest.mark.parametrize("values", [(0.0,), (-1.0,), (math.nan,), (1.0, 0.5), (1.0, math.nan)])
def test_a_bad_phase_is_refused(values):
    with pytest.raises(UserError, match=r"theory: (the length|ratio)"):
        Phase(*values)


def test_one_stack_holds_many_angles():
    setting = replace(TINY, train_size=12)
    train = sample(setting, [1, 1], "train")
    stack = InfiniteWidthNetwork(setting, train, LAM, spacing=[0.1, 0.25])
    stack.run(Phase(0.1), 5.0)
    for place, r in enumerate((0.1, 0.25)):
        alone = InfiniteWidthNetwork(replace(setting, r=r), sample(setting, [1], "train"), LAM)
        alone.run(Phase(0.1), 5.0)
        torch.testing.assert_close(stack.ray_output()[place], alone.ray_output()[0], rtol=1e-9, atol=1e-12)
    with pytest.raises(UserError, match="spacing"):
        InfiniteWidthNetwork(setting, train, LAM, spacing=[0.1])


def test_callbacks_come_at_the_interval():
    network, times = InfiniteWidthNetwork(TINY, sample(TINY, [3], "train"), LAM), []
    network.run(Phase(0.1), 5.0, times.append, interval=5)  # 20 steps
    assert times == pytest.approx([0.025, 0.05, 0.075, 0.1])
