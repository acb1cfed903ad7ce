"""L-S against S in the limit of infinite width: who learns P from what, and Q when.

L-S trains at the large rate, then at a rate ``RATIO`` times smaller; S at the small rate from the
start. Both start with noise that is stationary at the large rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from lrreg_utils.comparison import spread
from lrreg_utils.infinite_width import Network, Phase
from lrreg_utils.theory import Sample, Setting, draw

SETTING = Setting()
LAM = 1.28e-5
STEP = 25.0  # du
LARGE, ANNEALED, SMALL = 3.0, 0.25, 1.5  # lengths of the phases, in units of 1/lam
RATIO = 1e9  # large rate over small rate: the limit in which the small rate's own noise vanishes


@dataclass(frozen=True)
class Errors:
    """Test errors in percent, one number a seed."""

    p_test_error: list[float]  # the x1 half, over every input that shows x1
    p_only_test_error: list[float]  # inputs that show x1 alone
    q_only_error: list[float]  # inputs that show x2 alone, exactly: rays weighted by their shares


def measure(network: Network, test: Sample) -> Errors:
    """The errors of a network; an output of exactly 0 counts as an error."""
    wrong = network.x1_output(test.x1) * test.labels <= 0
    only = test.has1 & ~test.has2
    setting = network.setting
    rays = (network.ray_output() * setting.ray_labels <= 0).double() @ setting.ray_shares
    return Errors(_percent(wrong, test.has1), _percent(wrong, only), (100 * rays).tolist())


def _percent(wrong: torch.Tensor, among: torch.Tensor) -> list[float]:
    return (100 * (wrong & among).sum(1) / among.sum(1)).tolist()


def train_s(setting: Setting, seeds: list[int], length: float = SMALL, step: float = STEP) -> Errors:
    """S: the small rate for ``length``/lam."""
    network = Network(setting, draw(setting, seeds, "train"), LAM)
    network.run(Phase(length, RATIO), step)
    return measure(network, draw(setting, seeds, "test"))


def train_ls(
    setting: Setting, seeds: list[int], annealed: float = ANNEALED, step: float = STEP
) -> tuple[Errors, Errors]:
    """L-S: errors before annealing, and ``annealed``/lam later."""
    network, test = Network(setting, draw(setting, seeds, "train"), LAM), draw(setting, seeds, "test")
    network.run(Phase(LARGE), step)
    before = measure(network, test)
    network.run(Phase(annealed, RATIO), step)
    return before, measure(network, test)


def separate(seeds: Sequence[int], setting: Setting = SETTING, step: float = STEP) -> dict:
    """The table of ``python -m lrreg_utils theory``: percent, one number a seed.

    ``control_ratio`` is S over L-S in ``p_test_error`` without Q. S has half the time of L-S, in
    units of 1/lam; given more, it does not improve (`train_s` takes a length).

    Raises:
        UserError: no seed, or a step that is too coarse.
    """
    chosen = list(seeds)
    before, after = train_ls(setting, chosen, step=step)
    small = train_s(setting, chosen, step=step)
    without = replace(setting, with_q=False)
    _, control_ls = train_ls(without, chosen, step=step)
    control_s = train_s(without, chosen, step=step)
    return {
        "L-S": {
            "p_test_error": after.p_test_error, "p_only_test_error": after.p_only_test_error,
            "q_only_error_before_anneal": before.q_only_error, "q_only_error": after.q_only_error,
        },
        "S": {
            "p_test_error": small.p_test_error, "p_only_test_error": small.p_only_test_error,
            "q_only_error": small.q_only_error,
        },
        "control_ratio": ratios(control_s, control_ls),
    }


def ratios(small: Errors, annealed: Errors) -> list[float]:
    """S over L-S in ``p_test_error``, seed by seed."""
    pairs = zip(small.p_test_error, annealed.p_test_error, strict=True)
    return [above / below if below else float("inf") for above, below in pairs]


def table(found: dict) -> str:
    """The result of `separate` as text, mean ± standard deviation over seeds."""
    ls, s = found["L-S"], found["S"]
    per_seed = [above / below for above, below in zip(s["p_test_error"], ls["p_test_error"], strict=True)]
    names = ("p_test_error", "p_only_test_error", "q_only_error_before_anneal", "q_only_error")
    lines = [f"{'test error, %':30s}{'S':>16s}{'L-S':>16s}"]
    for name in names:
        lines.append(f"{name:30s}{spread(s[name], 2) if name in s else '':>16s}{spread(ls[name], 2):>16s}")
    lines.append(f"S / L-S in p_test_error: {spread(per_seed, 2)}, lowest seed {min(per_seed):.2f}")
    lines.append(f"the same without Q: {spread(found['control_ratio'], 2)}")
    return "\n".join(lines)
