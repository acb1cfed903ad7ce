"""What the recorded networks say of the claims on noise, patterns and order. No torch."""

import numpy as np

from lrreg_utils.claims.evidence import Evidence, runs, said
from lrreg_utils.claims.thresholds import CHANCE
from lrreg_utils.results.learning_order import of_schedule, tracked_runs
from lrreg_utils.results.study import recorded_study


def ignored_for_ever(recording: str) -> Evidence:
    """What the large rate that is never annealed knows of the patch at the end."""
    found = runs(recording, schedule="large_lr_constant")
    end = found.at("test_patch_only_accuracy")
    return Evidence(recording, f"never annealed: patches read at the end {said(end)} %", f"at most {CHANCE}",
                    found.seeds, list(end <= CHANCE))


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


def flatter() -> Evidence:
    """Sharpness at the end of the patch experiment."""
    study = recorded_study("curvature")
    end = {name: np.array(study["result"][name]["sharpness"][1]) for name in ("large_lr", "small_lr")}
    return Evidence(
        "curvature", f"sharpness at the end: large {said(end['large_lr'])}, small {said(end['small_lr'])}",
        "the large rate's below the small one's", study["seeds"], list(end["large_lr"] < end["small_lr"]),
    )


def image_before_patch(schedule: str, other: str) -> Evidence:
    """Of how many patched training examples the image is learned before the patch, or alone."""
    shares = {}
    for name in (schedule, other):
        found = of_schedule(tracked_runs(), name)
        shares[name] = np.array([
            100 * np.mean((image > 0) & ((patch == 0) | (image < patch)))
            for image, patch in ((run.first("image")[run.patched], run.first("patch")[run.patched])
                                 for run in found)
        ])
        seeds = [run.seed for run in found]
    return Evidence(
        "learning-order", f"patched examples whose image is learned first: {schedule} "
        f"{said(shares[schedule])} %, {other} {said(shares[other])} %",
        "larger at the large rate, by 10 points or more", seeds,
        list(shares[schedule] - shares[other] >= 10),
    )


def order_decides(recording: str) -> Evidence:
    """The annealed rate against the same rate never annealed, which learns in the same order until then."""
    annealed, constant = (runs(recording, **chosen) for chosen in (
        {"schedule": "large_lr", "schedule__anneal_epochs": (9,)}, {"schedule": "large_lr_constant"}))
    gap = annealed.at("test_clean_accuracy") - constant.at("test_clean_accuracy")
    return Evidence(
        recording, f"annealed at epoch 9 above never annealed by {said(gap)} points", "within 5 points of it",
        annealed.seeds, list(abs(gap) <= 5),
    )
