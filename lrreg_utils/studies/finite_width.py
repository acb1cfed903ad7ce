"""Studies of the finite network: L-S against S under each kind of noise, and the way to infinite width.

Every function returns plain numbers, to be kept as JSON.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lrreg_utils.studies.pieces import Keep, at_once
from lrreg_utils.theory.finite_width import FiniteWidthSettings, TwoLayer
from lrreg_utils.theory.formulas import changed, correlation
from lrreg_utils.theory.infinite_width import InfiniteWidthNetwork, Phase
from lrreg_utils.theory.metrics import Course
from lrreg_utils.theory.separation import Errors, errors_of, pair, ratios
from lrreg_utils.theory.setting import Setting, sample

# Small enough to be trained step by step: three rays, further apart and longer than in the limit's setting
SETTING = Setting(d=400, train_size=240, rays=3, r=0.13, alpha_scale=2.5, x1_scale=0.4)
RECIPES = {
    "injected noise": FiniteWidthSettings(),
    "no injected noise": FiniteWidthSettings(noise="none"),
    "minibatches": FiniteWidthSettings(noise="minibatch"),
    "injected noise, not mirrored": FiniteWidthSettings(mirrored=False),
}
LARGE_STEPS, ANNEALED_STEPS, SMALL_STEPS = 600, 500, 2500
WIDTH_SETTING = Setting(d=100, train_size=20, p=0.25, q=0.25, r=0.3, rays=3, x1_scale=1.0)
WIDTHS = (250, 500, 1000, 2000, 4000, 8000, 16000)


def finite(
    seeds: Sequence[int], setting: Setting = SETTING, recipes: dict[str, FiniteWidthSettings] = RECIPES,
    steps: tuple[int, int, int] = (LARGE_STEPS, ANNEALED_STEPS, SMALL_STEPS), keep: Keep = at_once,
) -> dict:
    """For each recipe: errors (percent, one number per seed) of L-S and S, their ratio, both time courses.

    Every recipe with mirrored pairs also gets its control, in which no example shows x2.

    Args:
        steps: of the large phase, of the annealed phase, and of S.
    """
    found = {name: keep(name, _of_recipe, seeds, setting, recipe, steps) for name, recipe in recipes.items()}
    return {"recipes": found, "linear_error": 100 * setting.linear_error, "steps": list(steps)}


def _of_recipe(
    seeds: Sequence[int], setting: Setting, recipe: FiniteWidthSettings, steps: tuple[int, int, int]
) -> dict:
    courses, ends = train_both(seeds, setting, recipe, steps)
    found = {
        **pair(ends["before"], ends["L-S"], ends["S"]),
        "p_test_error_before_anneal": ends["before"]["p_test_error"],
        "ratio": ratios(ends["S"]["p_test_error"], ends["L-S"]["p_test_error"]),
        "course": courses,
    }
    if recipe.mirrored:
        _, ends = train_both(seeds, replace(setting, with_q=False), recipe, steps)
        found["control_ratio"] = ratios(ends["S"]["p_test_error"], ends["L-S"]["p_test_error"])
    return found


def train_both(
    seeds: Sequence[int], setting: Setting, recipe: FiniteWidthSettings, steps: tuple[int, int, int]
) -> tuple[dict, dict[str, Errors]]:
    """Train by L-S and by S. Returns both time courses, and errors before annealing and at both ends."""
    large, annealed, small = steps
    train, test = (sample(setting, list(seeds), split) for split in ("train", "test"))
    networks = [TwoLayer(setting, recipe, train, list(seeds)) for _ in range(2)]
    courses = [Course(network, test) for network in networks]
    _train(courses[0], recipe.large_rate, large)
    before = errors_of(networks[0], test)
    _train(courses[0], recipe.small_rate, annealed)
    _train(courses[1], recipe.small_rate, small)
    ends = {"before": before, "L-S": errors_of(networks[0], test), "S": errors_of(networks[1], test)}
    return {"L-S": courses[0].columns(), "S": courses[1].columns()}, ends


def _train(course: Course, rate: float, steps: int) -> None:
    """Take steps and measure 20 times on the way."""
    network, start = course.network, course.u[-1]
    done = 0
    for point in range(1, 21):
        until = round(steps * point / 20)
        if until > done:
            network.train(rate, until - done)
            done = until
            course.note(start + rate * done * network.recipe.lam)


def width(seeds: Sequence[int], widths: Sequence[int] = WIDTHS, keep: Keep = at_once) -> dict:
    """Distance `|f_m - f|/|f|` on the training inputs after 1/lam at the large rate; one number per seed.

    f_m has m neurons in each half, f infinitely many. Mirrored pairs share their start and their noise,
    with opposite signs, so that the noise part's own function cancels exactly; what is left of the
    difference is the kernel, a mean over m/2 independent pairs of (active at s and t), whose error is of
    order m^(-1/2).
    Not mirrored, the noise part's function stays, Gaussian with variance `|x|^2 tau0^2 (1 - 1/pi)/2` at every
    width: relu of N(0, s^2) has variance s^2 (1/2 - 1/(2 pi)), and m terms of 1/m of it add up.
    That distance does not fall with m.
    """
    setting, lam = WIDTH_SETTING, 1e-2
    train = sample(setting, list(seeds), "train")
    limit = InfiniteWidthNetwork(setting, train, lam)
    limit.run(Phase(1.0), 0.25)
    there = limit.train_output()

    def distance(m: int, mirrored: bool) -> list[float]:
        recipe = FiniteWidthSettings(m, m, tau0=1.0, lam=lam, large_rate=0.5, small_rate=0.1, momentum=0.0,
                        mirrored=mirrored)
        network = TwoLayer(setting, recipe, train, list(seeds))
        network.train(0.5, round(1 / (0.5 * lam)))
        here = sum(network.halves(network.inputs)).double().cpu()
        return ((here - there).norm(dim=1) / there.norm(dim=1)).tolist()

    found = {name: [keep(f"{name}-{m}", distance, m, name == "mirrored") for m in widths]
             for name in ("mirrored", "not mirrored")}
    inputs = train.x1.square().sum(-1) + train.x2(setting).square().sum(-1)
    noise = ((1 - 1 / math.pi) / 2 * inputs.sum(1)).sqrt() / there.norm(dim=1)
    return {
        "widths": list(widths), "distance": found, "noise_alone": noise.tolist(),
        "slope": {name: slope(widths, rows) for name, rows in found.items()},
    }


def slope(widths: Sequence[int], distances: Sequence[Sequence[float]]) -> float:
    """Of the log of the mean distance against the log of the width."""
    means = [sum(row) / len(row) for row in distances]
    return float(np.polyfit(np.log(widths), np.log(means), 1)[0])


def flips(
    seeds: Sequence[int], recipe: FiniteWidthSettings = RECIPES["injected noise"], points: int = 12,
    keep: Keep = at_once,
) -> dict:
    """Fraction of neurons whose activation on z changed since the start, at both rates; one number per seed.

    The inputs that train alongside are few and hardly move the neurons: this shows the noise. Beside it
    ``predicted``, arccos(rho)/pi. Both rates run for 0.5/lam.
    """
    setting = Setting(d=2, train_size=2, test_size=1)
    train = sample(setting, list(seeds), "train")

    def along(rate: float) -> dict:
        network = TwoLayer(setting, recipe, train, list(seeds))
        at_first = network.rows[1][..., 0] > 0  # z is x2's first coordinate
        total, done = round(0.5 / (rate * recipe.lam)), 0
        times, fractions = [], []
        for point in range(points):
            until = max(done + 1, round(total ** ((point + 1) / points)))
            network.train(rate, until - done)
            done = until
            times.append(done * rate * recipe.lam)
            now = network.rows[1][..., 0] > 0
            fractions.append((now != at_first).double().mean(1).tolist())
        predicted = changed(correlation(np.array(times), recipe.large_rate / rate)).tolist()
        return {"u": times, "changed": fractions, "predicted": predicted}

    rates = {"large": recipe.large_rate, "small": recipe.small_rate}
    return {name: keep(name, along, rate) for name, rate in rates.items()}
