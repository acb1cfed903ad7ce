"""Loss and error by type, against a network whose outputs are written down."""

import math

import pytest
import torch

from lrreg_utils.theory.finite_width import FiniteWidthSettings, TwoLayer
from lrreg_utils.theory.infinite_width import InfiniteWidthNetwork, Phase
from lrreg_utils.theory.metrics import measure, ray_error
from lrreg_utils.theory.setting import Setting, sample

SETTING = Setting(d=20, train_size=30, test_size=400, rays=3, x1_scale=1.0, alpha_low=1.0)


class Written:
    """Reads the label off x1's first coordinate, and says + to every ray."""

    setting = SETTING

    def x1_output(self, x1):
        return 2.0 * x1[..., 0].sign()

    def ray_output(self):
        return torch.ones(2, 3, dtype=torch.float64)


def test_every_type_against_closed_forms():
    found = measure(Written(), sample(SETTING, [0, 1], "test"))
    assert found["p_only"]["error"] == found["x1_half"]["error"] == [0, 0]
    assert found["p_only"]["loss"] == pytest.approx([math.log1p(math.exp(-2))] * 2)
    assert found["x2_half"]["error"] == pytest.approx([50, 50], abs=8)  # both outer rays are negative
    test = sample(SETTING, [0, 1], "test")
    wrong = (test.labels < 0).double()
    for name, margin in (("q_only", 0.0), ("both", 2.0)):
        among = (test.has2 & ~test.has1) if name == "q_only" else (test.has1 & test.has2)
        losses = torch.nn.functional.softplus(-(margin + test.labels))
        expected = (losses * among).sum(1) / among.sum(1)
        assert found[name]["loss"] == pytest.approx(expected.tolist())
        error = 100 * (wrong * among).sum(1) / among.sum(1) if name == "q_only" else torch.zeros(2)
        assert found[name]["error"] == pytest.approx(error.tolist())
    assert ray_error(Written()) == [50, 50]


def test_a_silent_network_is_always_wrong_and_loses_log_two():
    train, test = (sample(SETTING, [4], split) for split in ("train", "test"))
    found = measure(InfiniteWidthNetwork(SETTING, train, 1e-3), test)
    assert all(kind["error"] == [100] for kind in found.values())
    assert all(kind["loss"] == pytest.approx([math.log(2)]) for kind in found.values())


def test_both_networks_can_be_measured_and_the_control_leaves_q_out():
    control = Setting(d=20, train_size=30, test_size=100, with_q=False)
    train, test = (sample(control, [1, 2], split) for split in ("train", "test"))
    infinite = InfiniteWidthNetwork(control, train, 1e-2)
    infinite.run(Phase(0.5), 1.0)
    recipe = FiniteWidthSettings(width1=16, width2=16, tau0=1.0, lam=1e-2, large_rate=1.0)
    finite = TwoLayer(control, recipe, train, [1, 2])
    for network in (infinite, finite):
        found = measure(network, test)
        assert set(found) == {"p_only", "x1_half"}
        assert len(found["p_only"]["loss"]) == 2
