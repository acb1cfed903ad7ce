"""L-S against S in the limit of infinite width: who learns P from what, and Q when.

L-S trains at the large rate, then at a rate ``RATIO`` times smaller; S at the small rate from the
start. Both start with noise that is stationary at the large rate.
"""

from collections.abc import Sequence
from dataclasses import replace

from lrreg_utils.tables import Table, spread
from lrreg_utils.theory.infinite_width import InfiniteWidthNetwork, Phase
from lrreg_utils.theory.metrics import Measurable, measure, ray_error
from lrreg_utils.theory.setting import Sample, Setting, sample

SETTING = Setting()
LAM = 1.28e-5
STEP = 25.0  # du; with half of it no printed digit changes
LARGE, ANNEALED, SMALL = 3.0, 0.25, 1.5  # lengths of the phases, in units of 1/lam
RATIO = 1e9  # large rate over small rate: the limit in which the small rate's own noise vanishes


# The phases of both algorithms
WAYS = {"L-S": (Phase(LARGE), Phase(ANNEALED, RATIO)), "S": (Phase(SMALL, RATIO),)}
Errors = dict[str, list[float]]


def errors_of(network: Measurable, test: Sample) -> Errors:
    """The errors of a network, infinite or finite, on its seeds' test examples.

    Returns:
        Percent, one number per seed: ``p_test_error``, the x1 half over every input that shows x1;
        ``p_only_test_error``, inputs that show x1 alone; ``q_only_error``, those that show x2 alone, exactly:
        rays weighted by their shares.
    """
    found = measure(network, test)
    return {"p_test_error": found["x1_half"]["error"], "p_only_test_error": found["p_only"]["error"],
            "q_only_error": ray_error(network)}


def start(setting: Setting, seeds: Sequence[int]) -> tuple[InfiniteWidthNetwork, Sample]:
    """An untrained network, and its test examples."""
    train, test = (sample(setting, list(seeds), split) for split in ("train", "test"))
    return InfiniteWidthNetwork(setting, train, LAM), test


def train(
    setting: Setting, seeds: Sequence[int], phases: Sequence[Phase], step: float = STEP
) -> list[Errors]:
    """Train through phases; the errors after each."""
    network, test = start(setting, seeds)
    found = []
    for phase in phases:
        network.run(phase, step)
        found.append(errors_of(network, test))
    return found


def separate(seeds: Sequence[int], setting: Setting = SETTING, step: float = STEP) -> dict:
    """The table of ``python -m lrreg_utils theory``: percent, one number per seed.

    ``control_ratio`` is S over L-S in ``p_test_error`` without Q. S has half the time of L-S, in
    units of 1/lam; given more, it does not improve.

    Raises:
        UserError: no seed, or a step that is too coarse.
    """
    (before, after), (small,) = (train(setting, seeds, phases, step) for phases in WAYS.values())
    return {**pair(before, after, small), "control_ratio": control(seeds, setting, step)}


def pair(before: Errors, after: Errors, small: Errors) -> dict:
    """The errors of L-S before and after annealing, and of S, by the names of the table."""
    return {"L-S": after | {"q_only_error_before_anneal": before["q_only_error"]}, "S": small}


def control(seeds: Sequence[int], setting: Setting, step: float = STEP) -> list[float]:
    """S over L-S in ``p_test_error`` where no example shows x2; one number per seed."""
    without = replace(setting, with_q=False)
    annealed, small = (train(without, seeds, phases, step)[-1] for phases in WAYS.values())
    return ratios(small["p_test_error"], annealed["p_test_error"])


def ratios(small: Sequence[float], annealed: Sequence[float]) -> list[float]:
    """S over L-S, seed by seed; infinite where L-S makes no error."""
    pairs = zip(small, annealed, strict=True)
    return [above / below if below else float("inf") for above, below in pairs]


def table(found: dict) -> Table:
    """The result of `separate`, mean ± standard deviation over seeds."""
    ls, s = found["L-S"], found["S"]
    per_seed = ratios(s["p_test_error"], ls["p_test_error"])
    names = {"P": "p_test_error", "Q alone, before the anneal": "q_only_error_before_anneal",
             "Q alone, at the end": "q_only_error"}
    return Table(
        ("error on, %", "S", "L-S"),
        [(text, spread(s[name], 2) if name in s else "", spread(ls[name], 2))
         for text, name in names.items()],
        notes=(
            f"S / L-S on P: {spread(per_seed, 2)}, lowest seed {min(per_seed):.2f}",
            f"the same without Q: {spread(found['control_ratio'], 2)}",
            f"a rule linear in x2 errs on {100 * SETTING.linear_error:.2f} % of Q-only inputs",
        ),
    )
