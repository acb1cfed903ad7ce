"""The study ``convexity``: do different schedules end at the same solution? Two convex models and a network.

All three see the same frozen training set under the same schedules, are compared when the schedule ends, and
again after full-batch optimization to convergence. Random features and the network are the same function with
the same first layer at the start; in the network alone that layer is trained.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations

from lrreg_utils.devices import known_state
from lrreg_utils.experiments.presets import experiment
from lrreg_utils.experiments.schedule import Schedule, compared_schedules
from lrreg_utils.problems.convex import (
    CLASSES,
    Problem,
    Weights,
    apart,
    converge,
    draw_layer,
    follow,
    hidden,
    linear,
    score,
    two_layers,
)
from lrreg_utils.problems.fixed_data import Examples, Frozen, freeze
from lrreg_utils.studies.pieces import Keep, at_once

MODELS = ("pixels", "features", "network")
STAGES = ("schedule", "converged")
# A network is also compared with itself: other minibatches, or other initial weights
VARIANTS = {"": (0, 0), "orders": (1, 0), "starts": (0, 1)}


@dataclass(frozen=True)
class ConvexitySetting:
    """What is the same for all models and schedules."""

    penalty: float = 3e-3
    width: int = 64
    epochs: int = 40
    anneal_epoch: int = 15
    batch_size: int = 32
    large: float = 0.1
    small: float = 0.004
    noise: float = 1.0
    most: int = 6000  # iterations to convergence
    convex_tolerance: float = 1e-6
    network_tolerance: float = 1e-4

    @property
    def schedules(self) -> dict[str, Schedule]:
        found = compared_schedules(self.large, self.small, self.small, self.anneal_epoch, self.noise)
        return {name: found[name] for name in ("large_lr", "small_lr", "small_lr_noise")}


def pose(
    model: str, frozen: Frozen, seed: int, setting: ConvexitySetting = ConvexitySetting()
) -> tuple[Problem, Weights, dict[str, Examples]]:
    """One of `MODELS` on frozen data: the problem, the weights at the start, and the test sets it reads."""
    first = draw_layer(setting.width, frozen.train.inputs.shape[1], seed, "first")
    if model == "features":
        frozen = frozen.through(lambda inputs: hidden(first, inputs))
    features = frozen.train.inputs.shape[1] if model != "network" else setting.width
    start = [draw_layer(CLASSES, features, seed, "second")]
    problem = Problem(two_layers if model == "network" else linear, frozen.train, setting.penalty)
    return problem, [first, *start] if model == "network" else start, frozen.tests


def solve(
    model: str, frozen: Frozen, seed: int, schedule: Schedule, setting: ConvexitySetting = ConvexitySetting(),
    other_order: int = 0, other_start: int = 0,
) -> dict[str, Weights]:
    """Weights when the schedule ends and after convergence, by stage.

    Args:
        other_order, other_start: 0 for the seed's own; another number for another draw. Random features
            are part of the problem, so ``other_start`` is for the network's two layers.
    """
    problem, _, _ = pose(model, frozen, seed, setting)
    _, start, _ = pose(model, frozen, seed + 1000 * other_start, setting)
    ended = follow(problem, start, schedule, setting.epochs, seed + 1000 * other_order, setting.batch_size)
    tolerance = setting.network_tolerance if model == "network" else setting.convex_tolerance
    return {"schedule": ended, "converged": converge(problem, ended, tolerance, setting.most)}


@known_state(1)
def convexity(
    seeds: Sequence[int], setting: ConvexitySetting = ConvexitySetting(), models: Iterable[str] = MODELS,
    controls: bool = True, keep: Keep = at_once,
) -> dict:
    """Every model under every schedule, and how far the solutions are from each other.

    Returns:
        ``setting``; ``runs``, a row for each model, seed, variant, schedule and stage with the objective, its
        residual, and accuracy and loss on the training set and on every test set; ``pairs``, a row for each
        two solutions of a model and seed at a stage on a test set, with ``kind`` ("schedules": of
        different schedules; "orders", "starts": of one schedule, but other minibatches or other initial
        weights; these for the network) and what `apart` measures.
    """
    found: dict = {"setting": asdict(setting), "runs": [], "pairs": []}
    for seed in seeds:
        for model in models:
            variants = VARIANTS if model == "network" and controls else ("",)
            rows = keep(f"{model}-{seed}", _of_model, model, seed, setting, variants)
            for name in ("runs", "pairs"):
                found[name] += [{"model": model, "seed": seed, **row} for row in rows[name]]
    return found


def _of_model(
    model: str, seed: int, setting: ConvexitySetting, variants: Iterable[str]
) -> dict[str, list[dict]]:
    frozen = freeze(experiment("digits").config("large_lr", seed))
    solved = {(variant, name): solve(model, frozen, seed, schedule, setting, *VARIANTS[variant])
              for variant in variants for name, schedule in setting.schedules.items()}
    problem, _, tests = pose(model, frozen, seed, setting)
    return {"runs": list(_rows(problem, solved, tests)), "pairs": list(_pairs(problem, solved, tests))}


def _rows(problem: Problem, solved: dict, tests: dict[str, Examples]) -> Iterable[dict]:
    for (variant, name), stages in solved.items():
        for stage, weights in stages.items():
            scores = {"train": score(problem, weights, problem.train),
                      **{test: score(problem, weights, examples) for test, examples in tests.items()}}
            yield {"variant": variant, "schedule": name, "stage": stage,
                   "objective": problem.loss(weights).item(), "residual": problem.residual(weights),
                   "scores": scores}


def _pairs(problem: Problem, solved: dict, tests: dict[str, Examples]) -> Iterable[dict]:
    own = [key for key in solved if not key[0]]
    chosen = [("schedules", one, other) for one, other in combinations(own, 2)]
    chosen += [(variant, ("", name), (variant, name)) for variant, name in solved if variant]
    for kind, one, other in chosen:
        for stage in STAGES:
            for test in ("clean", "patch_only"):
                found = apart(problem, solved[one][stage], solved[other][stage], tests[test])
                yield {"kind": kind, "pair": [one[1], other[1]], "stage": stage, "test": test, **found}
