"""Loss and error of either network, infinite or finite, on each type of test example."""

from typing import Protocol

import torch
from torch.nn.functional import softplus

from lrreg_utils.devices import known_state
from lrreg_utils.theory.setting import Sample, Setting


class Measurable(Protocol):
    """What both `infinite_width.InfiniteWidthNetwork` and `finite_width.TwoLayer` offer."""

    setting: Setting

    def x1_output(self, x1: torch.Tensor) -> torch.Tensor: ...

    def ray_output(self) -> torch.Tensor: ...


@known_state()
def measure(network: Measurable, test: Sample) -> dict[str, dict[str, list[float]]]:
    """Mean logistic loss (nats) and error (percent) by type; one number per seed, S numbers each.

    Types: ``p_only``, ``q_only`` and ``both`` take the whole network on inputs that show x1 alone, x2
    alone, or both; ``x1_half`` and ``x2_half`` take one half on every input that shows its part. An output
    of exactly 0 is an error. A type without a test example (Q's in the control) is left out.

    Args:
        test: examples of the network's seeds, in their order.

    Returns:
        ``{type: {"loss": [...], "error": [...]}}``.
    """
    half1 = network.x1_output(test.x1)
    half2 = test.alpha * network.ray_output().gather(1, test.ray)
    kinds = {
        "p_only": (half1, test.has1 & ~test.has2),
        "q_only": (half2, test.has2 & ~test.has1),
        "both": (half1 + half2, test.has1 & test.has2),
        "x1_half": (half1, test.has1),
        "x2_half": (half2, test.has2),
    }
    found = {}
    for kind, (output, among) in kinds.items():
        counts = among.sum(1)
        if not counts.all():
            continue
        margins = test.labels * output
        loss = (softplus(-margins) * among).sum(1) / counts
        wrong = ((margins <= 0) & among).sum(1) / counts
        found[kind] = {"loss": loss.tolist(), "error": (100 * wrong.double()).tolist()}
    return found


def ray_error(network: Measurable) -> list[float]:
    """Error (percent) on inputs that show x2 alone, exactly: rays weighted by their shares; S numbers."""
    setting = network.setting
    wrong = (network.ray_output() * setting.ray_labels <= 0).double()
    return (100 * wrong @ setting.ray_shares).tolist()


class Course:
    """Loss and error by type against time, collected while a network trains.

    Args:
        network: measured at once, and whenever `note` is called.
    """

    def __init__(self, network: Measurable, test: Sample) -> None:
        self.network, self.test = network, test
        self.u: list[float] = []
        self.found: list[dict] = []
        self.note(0.0)

    def note(self, u: float) -> None:
        """Measure now, at time ``u`` (units of 1/lam, from the start of training)."""
        self.u.append(round(u, 6))
        self.found.append(measure(self.network, self.test))

    def columns(self) -> dict:
        """``{"u": [...], type: {"loss": [[one number per seed] a time], "error": ...}}``, to 4 decimals."""
        kinds = {
            kind: {unit: [[round(value, 4) for value in at[kind][unit]] for at in self.found]
                   for unit in ("loss", "error")}
            for kind in self.found[0]
        }
        return {"u": self.u, **kinds}
