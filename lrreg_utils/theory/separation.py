"""L-S against S in the limit of infinite width: who learns P from what, and Q when.

L-S trains at the large rate, then at a rate ``RATIO`` times smaller; S at the small rate from the
start. Both start with noise that is stationary at the large rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lrreg_utils.tables import Table, spread
from lrreg_utils.theory.infinite_width import InfiniteWidthNetwork, Phase
from lrreg_utils.theory.metrics import Measurable, measure, ray_error
from lrreg_utils.theory.setting import Sample, Setting, sample

SETTING = Setting()
LAM = 1.28e-5
STEP = 25.0  # du; with half of it no printed digit changes
LARGE, ANNEALED, SMALL = 3.0, 0.25, 1.5  # lengths of the phases, in units of 1/lam
RATIO = 1e9  # large rate over small rate: the limit in which the small rate's own noise vanishes


@dataclass(frozen=True)
class Errors:
    """Test errors in percent, one number per seed."""

    p_test_error: list[float]  # the x1 half, over every input that shows x1
    p_only_test_error: list[float]  # inputs that show x1 alone
    q_only_error: list[float]  # inputs that show x2 alone, exactly: rays weighted by their shares


def errors_of(network: Measurable, test: Sample) -> Errors:
    """The errors of a network, infinite or finite, on its seeds' test examples."""
    found = measure(network, test)
    return Errors(found["x1_half"]["error"], found["p_only"]["error"], ray_error(network))


def start(setting: Setting, seeds: Sequence[int]) -> tuple[InfiniteWidthNetwork, Sample]:
    """An untrained network, and its test examples."""
    train, test = (sample(setting, list(seeds), split) for split in ("train", "test"))
    return InfiniteWidthNetwork(setting, train, LAM), test


def train_s(setting: Setting, seeds: Sequence[int], length: float = SMALL, step: float = STEP) -> Errors:
    """S: the small rate for ``length``/lam."""
    network, test = start(setting, seeds)
    network.run(Phase(length, RATIO), step)
    return errors_of(network, test)


def train_ls(
    setting: Setting, seeds: Sequence[int], annealed: float = ANNEALED, step: float = STEP
) -> tuple[Errors, Errors]:
    """L-S: errors before annealing, and ``annealed``/lam later."""
    network, test = start(setting, seeds)
    network.run(Phase(LARGE), step)
    before = errors_of(network, test)
    network.run(Phase(annealed, RATIO), step)
    return before, errors_of(network, test)


def separate(seeds: Sequence[int], setting: Setting = SETTING, step: float = STEP) -> dict:
    """The table of ``python -m lrreg_utils theory``: percent, one number per seed.

    ``control_ratio`` is S over L-S in ``p_test_error`` without Q. S has half the time of L-S, in
    units of 1/lam; given more, it does not improve (`train_s` takes a length).

    Raises:
        UserError: no seed, or a step that is too coarse.
    """
    before, after = train_ls(setting, seeds, step=step)
    small = train_s(setting, seeds, step=step)
    return {**pair(before, after, small), "control_ratio": control(seeds, setting, step)}


def pair(before: Errors, after: Errors, small: Errors) -> dict:
    """The errors of L-S before and after annealing, and of S, by the names of the table."""
    return {
        "L-S": {
            "p_test_error": after.p_test_error, "p_only_test_error": after.p_only_test_error,
            "q_only_error_before_anneal": before.q_only_error, "q_only_error": after.q_only_error,
        },
        "S": {
            "p_test_error": small.p_test_error, "p_only_test_error": small.p_only_test_error,
            "q_only_error": small.q_only_error,
        },
    }


def control(seeds: Sequence[int], setting: Setting, step: float = STEP) -> list[float]:
    """S over L-S in ``p_test_error`` where no example shows x2; one number per seed."""
    without = replace(setting, with_q=False)
    _, annealed = train_ls(without, seeds, step=step)
    return ratios(train_s(without, seeds, step=step).p_test_error, annealed.p_test_error)


def ratios(small: Sequence[float], annealed: Sequence[float]) -> list[float]:
    """S over L-S, seed by seed; infinite where L-S makes no error."""
    pairs = zip(small, annealed, strict=True)
    return [above / below if below else float("inf") for above, below in pairs]


def table(found: dict) -> Table:
    """The result of `separate`, mean ± standard deviation over seeds."""
    ls, s = found["L-S"], found["S"]
    per_seed = ratios(s["p_test_error"], ls["p_test_error"])
    names = ("p_test_error", "p_only_test_error", "q_only_error_before_anneal", "q_only_error")
    return Table(
        ("test error, %", "S", "L-S"),
        [(name, spread(s[name], 2) if name in s else "", spread(ls[name], 2)) for name in names],
        notes=(
            f"S / L-S in p_test_error: {spread(per_seed, 2)}, lowest seed {min(per_seed):.2f}",
            f"the same without Q: {spread(found['control_ratio'], 2)}",
            f"a rule linear in x2 errs on {100 * SETTING.linear_error:.2f} % of Q-only inputs",
        ),
    )
