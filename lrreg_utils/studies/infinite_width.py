"""Studies of the infinitely wide network: the separation itself, and how it depends on the setting.

Every function returns plain numbers, percent and one per seed unless said otherwise, to be kept as JSON.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from torch.nn.functional import softplus

from lrreg_utils.studies.pieces import Keep, at_once
from lrreg_utils.theory import separation
from lrreg_utils.theory.formulas import large_rate_boundary, small_rate_boundary
from lrreg_utils.theory.infinite_width import InfiniteWidthNetwork, Phase
from lrreg_utils.theory.metrics import Course, ray_error
from lrreg_utils.theory.separation import ANNEALED, LAM, LARGE, RATIO, SETTING, SMALL, WAYS, ratios
from lrreg_utils.theory.setting import Setting, sample

SHARES = (0.4, 0.6, 0.8, 1.0, 1.2)  # N/d
FINER = 20.0  # du where small training sets are stiffer than the setting's
LENGTHS = (0.25, 0.5, 1.0, 1.5, 2.0, 2.5)  # of the annealed phase, in units of 1/lam

# The map's own, smaller, setting
MAP_SETTING = Setting(d=200, train_size=120, test_size=1)
MAP_ANGLES = tuple(0.0125 * 24 ** (k / 8) for k in range(9))
MAP_LAMS = tuple(LAM * 2 ** (0.75 * k) for k in range(9))


def _run(course: Course, phase: Phase, step: float, points: int) -> None:
    """Integrate a phase and measure about ``points`` times, its end included."""
    network, start = course.network, course.u[-1]
    steps = math.ceil(phase.length / network.lam / step - 1e-9)
    network.run(phase, step, lambda u: course.note(start + u), max(1, steps // points))
    if course.u[-1] < start + phase.length - 1e-9:
        course.note(start + phase.length)


def _courses(
    seeds: Sequence[int], setting: Setting, step: float, phases: Sequence[tuple[Phase, int]]
) -> dict:
    """Train through phases, each measured so many times; the errors after each, and the time course."""
    course, errors = Course(*separation.start(setting, seeds)), []
    for phase, points in phases:
        _run(course, phase, step, points)
        errors.append(separation.errors_of(course.network, course.test))
    return {"errors": errors, "course": course.columns()}


def separated(
    seeds: Sequence[int], setting: Setting = SETTING, step: float = separation.STEP, keep: Keep = at_once
) -> dict:
    """L-S, S and the control as in `separate`, S given L-S's time, and both time courses.

    S goes on in a second phase: at a ratio of 1e9 its patterns stay those of the start all the while.
    """
    longer = Phase(LARGE + ANNEALED - SMALL, RATIO)
    phases = {"L-S": ((Phase(LARGE), 30), (Phase(ANNEALED, RATIO), 20)),
              "S": ((Phase(SMALL, RATIO), 20), (longer, 15))}
    found = {name: keep(name, _courses, seeds, setting, step, parts) for name, parts in phases.items()}
    before, after = found["L-S"]["errors"]
    at_its_end, as_long = found["S"]["errors"]
    return {
        **separation.pair(before, after, at_its_end),
        "control_ratio": keep("control", separation.control, seeds, setting, step),
        "S, as long as L-S": as_long,
        "ratio": ratios(at_its_end["p_test_error"], after["p_test_error"]),
        "ratio_as_long": ratios(as_long["p_test_error"], after["p_test_error"]),
        "linear_error": 100 * setting.linear_error,
        "course": {name: part["course"] for name, part in found.items()},
    }


def references(seeds: Sequence[int], keep: Keep = at_once) -> dict:
    """``p_test_error`` where no example shows x2: learned from the P-only examples, or from all with x1.

    Examples that show nothing stay in the mean of the loss, so that each other one pulls as in the setting.
    """
    shown = {"p_only": replace(SETTING, q=1 - SETTING.p, with_q=False), "all": replace(SETTING, with_q=False)}
    return {
        name: {way: keep(f"{name}-{way}", separation.train, sized, seeds, phases)[-1]["p_test_error"]
               for way, phases in WAYS.items()}
        for name, sized in shown.items()
    }


def against_share(
    seeds: Sequence[int], setting: Setting = SETTING, step: float = FINER, keep: Keep = at_once
) -> dict:
    """S over L-S in ``p_test_error`` against the number of examples a dimension, N/d."""
    rows = []
    for share in SHARES:
        sized = replace(setting, train_size=round(share * setting.d))
        (before, after), (small,) = (keep(f"{way}-{share:g}", separation.train, sized, seeds, phases, step)
                                     for way, phases in WAYS.items())
        rows.append({
            "share": share, "train_size": sized.train_size, "L-S": after["p_test_error"],
            "S": small["p_test_error"], "ratio": ratios(small["p_test_error"], after["p_test_error"]),
            "q_only_error_before_anneal": before["q_only_error"],
        })
    return {"d": setting.d, "rows": rows}


def against_length(
    seeds: Sequence[int], setting: Setting = SETTING, step: float = separation.STEP, keep: Keep = at_once
) -> dict:
    """``p_test_error`` against the length of the annealed phase, and of S after as long in all.

    With frozen patterns each annealed phase is convex and forgets its start at the rate lam, so that L-S
    annealed for ever ends at S's solution: the separation is a statement about finite times.
    """
    further = [Phase(length - passed, RATIO) for passed, length in pairwise((0.0, *LENGTHS))]
    _, *annealed = keep("L-S", separation.train, setting, seeds, (Phase(LARGE), *further), step)
    early, _, *small = keep("S", separation.train, setting, seeds,
                            (Phase(SMALL, RATIO), Phase(LARGE - SMALL, RATIO), *further), step)
    rows = [{
        "length": length, "L-S": after["p_test_error"], "S, as long": as_long["p_test_error"],
        "ratio": ratios(early["p_test_error"], after["p_test_error"]),
        "ratio_as_long": ratios(as_long["p_test_error"], after["p_test_error"]),
        "q_only_error": after["q_only_error"],
    } for length, after, as_long in zip(LENGTHS, annealed, small, strict=True)]
    return {"S": early["p_test_error"], "S_length": SMALL, "rows": rows}


def regime(
    seeds: Sequence[int], setting: Setting = MAP_SETTING,
    angles: Sequence[float] = MAP_ANGLES, lams: Sequence[float] = MAP_LAMS, keep: Keep = at_once,
) -> dict:
    """Q-only error and loss against r and lam, after the large phase and after S; means over seeds.

    All angles and seeds of one lam make one stack: no draw depends on r. The loss (nats) is that of rays
    at the mean length; Q counts as learned where it is below half of log 2.
    """
    stacked = [seed for _ in angles for seed in seeds]
    spacing = [r for r in angles for _ in seeds]
    train = sample(setting, stacked, "train")
    alpha = setting.alpha_scale * (1 + setting.alpha_low) / 2

    def of_rays(lam: float, phase: Phase) -> dict[str, list[float]]:
        network = InfiniteWidthNetwork(setting, train, lam, spacing)
        network.run(phase, 0.7 * network.largest_step())
        margins = alpha * network.ray_output() * setting.ray_labels
        return {"error": _means(ray_error(network), len(seeds)),
                "loss": _means((softplus(-margins) @ setting.ray_shares).tolist(), len(seeds))}

    phases = {"large": Phase(LARGE), "small": Phase(SMALL, RATIO)}
    found = {name: [keep(f"{name}-{lam:g}", of_rays, lam, phase) for lam in lams]
             for name, phase in phases.items()}
    losses = {name: [row["loss"] for row in rows] for name, rows in found.items()}
    return {
        "r": list(angles), "lam": list(lams),
        "q_only_error": {name: [row["error"] for row in rows] for name, rows in found.items()},
        "q_only_loss": losses,
        "predicted_r": {
            "large": large_rate_boundary(lams, setting.q, alpha).tolist(),
            "small": small_rate_boundary(lams, setting.q, alpha).tolist(),
        },
        "measured_r": {
            name: [crossing(angles, row, math.log(2) / 2) for row in rows] for name, rows in losses.items()
        },
        "linear_error": 100 * setting.linear_error, "d": setting.d, "train_size": setting.train_size,
    }


def _means(values: Sequence[float], count: int) -> list[float]:
    return [sum(values[at : at + count]) / count for at in range(0, len(values), count)]


def crossing(angles: Sequence[float], values: Sequence[float], level: float) -> float | None:
    """Where ``values`` first fall through ``level``, between neighbours in log r; None if nowhere."""
    for place in range(1, len(angles)):
        above, below = values[place - 1], values[place]
        if above >= level > below:
            share = (above - level) / (above - below)
            return angles[place - 1] * (angles[place] / angles[place - 1]) ** share
    return None
