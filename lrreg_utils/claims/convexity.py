"""Convex or not: how far apart the solutions of different schedules are, and how good.

All functions take a result of the study ``convexity``, live or recorded.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from lrreg_utils.claims.evidence import APART, INFINITE, SAME, Effect, Evidence, said
from lrreg_utils.results.study import rows_where
from lrreg_utils.tables import Table

CONVEX = ("pixels", "features")
MODELS = (*CONVEX, "network")
STAGES = ("schedule", "converged")


def evidence(found: Mapping, seeds: Sequence[int], experiment: str = "live") -> dict[str, Evidence]:
    """``converged``, ``stopped``, ``convex`` and ``network``; ``controls`` where there are any."""
    claims = {"converged": converged, "stopped": stopped, "convex": one_solution, "network": several}
    if rows_where(found["pairs"], kind="orders"):
        claims["controls"] = other_solutions
    return {name: claim(found, seeds, experiment) for name, claim in claims.items()}


def _distances(found: Mapping, measure: str = "function", **fields) -> list[float]:
    """Distances between every two solutions: of two schedules, converged, on clean images if not said."""
    chosen = {"kind": "schedules", "stage": "converged", "test": "clean"} | fields
    return [row[measure] for row in rows_where(found["pairs"], **chosen)]


def _quoted(name: str, values: Sequence[float], text: str = ".3f") -> dict[str, str]:
    """The mean, and the smallest and the largest value for a page's fine print."""
    return {name: f"{np.mean(values):{text}}",
            f"{name}_range": f"{min(values):{text}} to {max(values):{text}}"}


def _farthest(found: Mapping, seed: int, models: Sequence[str], **fields) -> float:
    return max(value for model in models for value in _distances(found, model=model, seed=seed, **fields))


def _objectives_apart(found: Mapping, models: Sequence[str], seeds: Sequence[int]) -> list[float]:
    """Largest minus smallest final training loss of the schedules, for each model and seed."""
    return [np.ptp([row["objective"] for row in rows_where(found["runs"], model=model, seed=seed,
                                                           stage="converged", variant="")])
            for model in models for seed in seeds]


def converged(found: Mapping, seeds: Sequence[int], experiment: str = "live") -> Evidence:
    """Residuals after training on, against the tolerances of the study."""
    residuals = {model: [max(row["residual"] for row in rows_where(found["runs"], model=model, seed=seed,
                                                                   stage="converged")) for seed in seeds]
                 for model in MODELS}
    tolerances = {model: found["setting"]["network_tolerance" if model == "network" else "convex_tolerance"]
                  for model in MODELS}
    return Evidence(
        experiment, f"residual of the network {max(residuals['network']):.0e}",
        f"residual at most {tolerances['pixels']:g} in convex models, {tolerances['network']:g} in the other",
        seeds, [all(residuals[model][place] <= tolerances[model] for model in MODELS)
                for place in range(len(seeds))],
        {"residual": f"{max(residuals['network']):.0e}"},
    )


def stopped(found: Mapping, seeds: Sequence[int], experiment: str = "live") -> Evidence:
    """How far apart the functions of convex models are when the schedules end."""
    quoted = {name: text for model in CONVEX for name, text in
              _quoted(model, _distances(found, model=model, stage="schedule")).items()}
    nearer = [min(_farthest(found, seed, [model], stage="schedule") for model in CONVEX) for seed in seeds]
    return Evidence(
        experiment, f"convex models, schedule ended: total variation between schedules {quoted}",
        f"each convex model, schedule ended: some two schedules {APART:g} apart or more", seeds,
        [value >= APART for value in nearer], quoted,
        effect=Effect(nearer, (APART, INFINITE), "total variation"),
    )


def one_solution(found: Mapping, seeds: Sequence[int], experiment: str = "live") -> Evidence:
    """How far apart the functions are that schedules find in convex models, after convergence."""
    farthest = [_farthest(found, seed, CONVEX) for seed in seeds]
    objectives = max(_objectives_apart(found, CONVEX, seeds))
    return Evidence(
        experiment, f"convex models, converged: total variation between schedules {max(farthest):.0e}"
        f" (log10 {said(np.log10(farthest))})", "below 1e-3", seeds, [value < SAME for value in farthest],
        {"distance": f"{max(farthest):.0e}", "objectives": f"{objectives:.0e}"},
        effect=Effect(np.log10(farthest), (-INFINITE, np.log10(SAME)), "log10 of total variation"),
        part="largest distance",
    )


def several(found: Mapping, seeds: Sequence[int], experiment: str = "live") -> Evidence:
    """The same for the network whose first layer is trained as well."""
    network = {"model": "network"}
    converged = rows_where(found["pairs"], kind="schedules", stage="converged", test="clean", **network)
    nearest = min(converged, key=lambda row: row["function"])
    apart = [_farthest(found, seed, ["network"]) for seed in seeds]
    return Evidence(
        experiment, f"network, converged: total variation between schedules up to {max(apart):.3f}",
        f"network, converged: some two schedules {SAME:g} apart or more", seeds,
        [value >= SAME for value in apart],
        _quoted("ended", _distances(found, stage="schedule", **network))
        | _quoted("schedules", _distances(found, **network))
        | _quoted("flips", _distances(found, "flips", **network), ".1f")
        | {"same_weights": f"{nearest['weights']:.2f}",
           "objectives": f"{min(_objectives_apart(found, ['network'], seeds)):.0e}"},
        effect=Effect(apart, (SAME, INFINITE), "total variation"),
    )


def other_solutions(found: Mapping, seeds: Sequence[int], experiment: str = "live") -> Evidence:
    """The network under two schedules, against one with other batch orders or other initial weights."""
    apart = {kind: np.array([np.mean(_distances(found, model="network", seed=seed, kind=kind))
                             for seed in seeds]) for kind in ("schedules", "orders", "starts")}
    more = apart["schedules"] - np.maximum(apart["orders"], apart["starts"])
    ratios = apart["schedules"] / apart["orders"]
    return Evidence(
        experiment, f"network, converged: total variation between schedules {said(apart['schedules'], 3)}, "
        f"between batch orders {said(apart['orders'], 3)}, between initial weights "
        f"{said(apart['starts'], 3)}", "schedules farther apart than batch orders and initial weights", seeds,
        list(more > 0),
        {"ratio_low": f"{min(ratios):.1f}", "ratio_high": f"{max(ratios):.1f}"}
        | _variant(found, "orders") | _variant(found, "starts"),
        effect=Effect(more, unit="total variation"),
    )


def _variant(found: Mapping, kind: str) -> dict[str, str]:
    """How far the network is from itself with other ``orders`` of the batches, or other ``starts``."""
    network = {"model": "network", "kind": kind}
    return (_quoted(kind, _distances(found, **network))
            | _quoted(f"flips_{kind}", _distances(found, "flips", **network), ".1f"))


def numbers(found: Mapping) -> dict[str, dict[str, str]]:
    """What the page's text quotes besides the evidence: distances on patches, and how good solutions are."""
    return {"patch": patch(found), "scores": scores(found)}


def patch(found: Mapping) -> dict[str, str]:
    """The network's distances on patches without an image, when the schedule ends and ``converged``."""
    on_patches = {"model": "network", "test": "patch_only"}
    quoted = _quoted("converged", _distances(found, **on_patches), ".4f")
    for kind in ("schedules", "orders", "starts"):
        quoted |= _quoted(kind, _distances(found, kind=kind, stage="schedule", **on_patches))
    return quoted


def _scores(found: Mapping, model: str, schedule: str, stage: str, test: str = "clean") -> list[float]:
    return [row["scores"][test]["accuracy"] for row in rows_where(
        found["runs"], model=model, schedule=schedule, stage=stage, variant="")]


def scores(found: Mapping) -> dict[str, str]:
    """How good the solutions are: the network's gap between rates, its losses, and how patches are read."""
    ended = {schedule: np.mean([row["objective"] for row in rows_where(
        found["runs"], model="network", stage="schedule", variant="", schedule=f"{schedule}_lr")])
        for schedule in ("large", "small")}
    gaps = {stage: abs(np.mean(_scores(found, "network", "large_lr", stage))
                       - np.mean(_scores(found, "network", "small_lr", stage))) for stage in STAGES}
    patches = {model: np.mean(_scores(found, model, "small_lr", "converged", "patch_only"))
               for model in ("network", "pixels")}
    return ({f"loss_{name}": f"{loss:.2f}" for name, loss in ended.items()}
            | {f"gap_{stage}": f"{gap:.1f}" for stage, gap in gaps.items()}
            | {f"patch_{model}": f"{right:.0f}" for model, right in patches.items()})


def distances_table(found: Mapping) -> Table:
    """The largest distance between two schedules on clean images, for each model and stage."""
    formats = {"weights": ".0e", "function": ".0e", "flips": ".1f"}
    rows = [(model, stage, *(format(max(_distances(found, measure, model=model, stage=stage)), text)
                             for measure, text in formats.items())) for model in MODELS for stage in STAGES]
    return Table(("model", "stage", "weights", "function", "flips, %"), rows)
