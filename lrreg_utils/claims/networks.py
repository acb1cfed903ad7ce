"""What the recorded networks say of the claims on convexity. No torch."""

import numpy as np

from lrreg_utils.claims.evidence import Evidence, said
from lrreg_utils.results.study import recorded_study


def one_solution(models: tuple[str, ...]) -> Evidence:
    """How far apart the functions are that schedules find in convex models, after convergence."""
    study = recorded_study("convexity")
    farthest = [max(row["function"] for row in study["result"]["pairs"]
                    if row["model"] in models and (row["seed"], row["kind"], row["stage"], row["test"])
                    == (seed, "schedules", "converged", "clean")) for seed in study["seeds"]]
    return Evidence(
        "convexity", f"convex models, converged: total variation between schedules {max(farthest):.0e}"
        f" (log10 {said(np.log10(farthest))})", "below 1e-3", study["seeds"],
        [value < 1e-3 for value in farthest],
    )


def other_solutions() -> Evidence:
    """The same for the network whose first layer is trained as well, against other orders of its batches."""
    study = recorded_study("convexity")
    apart = {kind: np.array([np.mean([
        row["function"] for row in study["result"]["pairs"]
        if (row["model"], row["seed"], row["kind"], row["stage"], row["test"])
        == ("network", seed, kind, "converged", "clean")]) for seed in study["seeds"]])
        for kind in ("schedules", "orders")}
    return Evidence(
        "convexity", f"network, converged: total variation between schedules {said(apart['schedules'], 3)}, "
        f"between batch orders {said(apart['orders'], 3)}", "schedules farther apart", study["seeds"],
        list(apart["schedules"] > apart["orders"]),
    )
