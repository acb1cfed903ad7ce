"""What the recorded networks say of the claims on noise, patterns and order. No torch."""

import numpy as np

from lrreg_utils.claims.evidence import CHANCE, KNOWN, Evidence, Runs, one_a_seed, runs, said
from lrreg_utils.results.learning_order import of_schedule, tracked_runs
from lrreg_utils.results.measures import first_epoch
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import part_alone, where
from lrreg_utils.results.study import recorded_study

FITTED = 80  # percent of training images or patches: from here on they count as fitted
GENERALIZES = 80  # percent of test images or patches
HALF = 0.5  # share of a gap


def noisier_activations() -> Evidence:
    """The noise of pre-activations over their spread, at the large and at the small rate."""
    study = recorded_study("preactivation-noise")
    noise = {rate: np.array([
        np.mean(np.divide(row["noise"], row["spread"]))
        for seed in study["seeds"] for row in study["result"]["rates"]
        if (row["rate"], row["epoch"], row["seed"]) == (rate, 9, seed)
    ]) for rate in (0.004, 0.4)}
    growth = noise[0.4] / noise[0.004]
    return Evidence(
        "preactivation-noise", f"noise of pre-activations over spread, epoch 9: {said(noise[0.004], 2)} "
        f"at rate 0.004, {said(noise[0.4], 2)} at 0.4, {said(growth)} times as much", "at least twice",
        study["seeds"], list(growth >= 2),
    )


def noise_hides_patch(recording: str, strength: float) -> Evidence:
    """Whether some level of activation noise lets images be fitted, and patches not."""
    alone = {
        "images": part_alone(recorded("expressiveness"), "clean"),
        "patches": part_alone(where(recorded(recording), schedule="small_lr", patch_strength=strength),
                              "patch_only"),
    }
    columns = {"images": "train_clean_accuracy", "patches": "train_patch_only_accuracy"}
    levels = sorted({run.config.schedule.noise for run in alone["patches"]})
    fitted = {
        kind: np.array([one_a_seed(where(found, schedule__noise=level), f"{kind} at noise {level}")
                        .at(columns[kind]) for level in levels])
        for kind, found in alone.items()
    }
    apart = (fitted["images"] >= FITTED) & (fitted["patches"] <= CHANCE)
    widest = int((fitted["images"] - fitted["patches"]).mean(1).argmax())
    return Evidence(
        recording, f"patches of strength {strength:g}, noise {levels[widest]:g}: images fitted to "
        f"{said(fitted['images'][widest])} %, patches to {said(fitted['patches'][widest])} %",
        f"a level with images ≥ {FITTED}, patches ≤ {CHANCE}",
        sorted({run.config.seed for run in alone["patches"]}), list(apart.any(0)),
    )


def _alone(kind: str, **fields) -> Runs:
    return one_a_seed(part_alone(where(recorded("learning-curves"), **fields), kind), f"{kind}: {fields}")


def _with_patches(recording: str, **fields) -> Runs:
    found = where(recorded(recording), **fields)
    return one_a_seed([run for run in found if run.config.shares.clean < 1], f"{recording}: {fields}")


def harder_to_fit(schedule: str) -> Evidence:
    """Epochs until 90 % of 640 training images, and of patches, are right."""
    epochs = {}
    for kind in ("clean", "patch_only"):
        found = _alone(kind, schedule=schedule, train_size=640)
        first = [first_epoch(run, f"train_{kind}_accuracy", 90) for run in found.runs]
        epochs[kind] = np.nan_to_num(first, nan=found.runs[0].config.epochs + 1)  # never: after the last
    return Evidence(
        "learning-curves", f"{schedule}: epochs until 90 % are fitted: images {said(epochs['clean'])}, "
        f"patches {said(epochs['patch_only'])}", "patches take longer", found.seeds,
        list(epochs["patch_only"] > epochs["clean"]),
    )


def harder_to_generalize(size: int) -> Evidence:
    """Test accuracy after training on a few examples of one kind."""
    images, patches = (_alone(kind, schedule="small_lr", train_size=size) for kind in ("clean", "patch_only"))
    seen = images.at("test_clean_accuracy"), patches.at("test_patch_only_accuracy")
    return Evidence(
        "learning-curves", f"from {size} examples: test accuracy on images {said(seen[0])} %, on patches "
        f"{said(seen[1])} %", f"patches ≥ {GENERALIZES}, images below", images.seeds,
        list((seen[1] >= GENERALIZES) & (seen[0] < GENERALIZES)),
    )


def ignored_for_ever(recording: str) -> Evidence:
    """What the large rate that is never annealed knows of the patch at the end."""
    found = runs(recording, schedule="large_lr_constant")
    end = found.at("test_patch_only_accuracy")
    return Evidence(recording, f"never annealed: patches read at the end {said(end)} %", f"at most {CHANCE}",
                    found.seeds, list(end <= CHANCE))


def order_by_noise(level: float) -> Evidence:
    """Whether annealed noise at the small rate makes the patch wait."""
    found = _with_patches("noise-level", schedule__noise=level)
    until = found.runs[0].config.schedule.noise_until
    before, end = found.at("test_patch_only_accuracy", until - 1), found.at("test_patch_only_accuracy")
    return Evidence(
        "noise-level", f"noise {level:g}: patches read while it lasts {said(before)} %, in the end "
        f"{said(end)} %", f"≤ {CHANCE}, then ≥ {KNOWN}", found.seeds,
        list((before <= CHANCE) & (end >= KNOWN)),
    )


def gap_by_noise(level: float) -> Evidence:
    """What share of the large rate's lead in clean test accuracy annealed noise gives back."""
    column = "test_clean_accuracy"
    large = runs("anneal-epoch", schedule="large_lr", schedule__anneal_epochs=(9,)).at(column)
    small, noisy = (_with_patches("noise-level", schedule__noise=std) for std in (0.0, level))
    share = (noisy.at(column) - small.at(column)) / (large - small.at(column))
    return Evidence(
        "noise-level", f"test accuracy: small {said(small.at(column))} %, with noise {level:g} "
        f"{said(noisy.at(column))} %, large {said(large)} %: {said(100 * share, 0)} % of the gap",
        "at least half of it", noisy.seeds, list(share >= HALF),
    )


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


def best_kind(kind: str, level: float) -> Evidence:
    """Whether noise of another kind makes the patch wait."""
    chosen = _with_patches("noise-kinds", schedule__noise_kind=kind, schedule__noise=level)
    until = chosen.runs[0].config.schedule.noise_until
    before = chosen.at("test_patch_only_accuracy", until - 1)
    return Evidence(
        "noise-kinds", f"{kind} {level:g}: patches read while it lasts {said(before)} %", f"≤ {CHANCE}",
        chosen.seeds, list(before <= CHANCE),
    )


def noise_of_batches() -> Evidence:
    """What the large rate knows of the patch before the anneal, with batches of 16 and of 64."""
    usual, larger = (runs("batch-size", schedule="large_lr", batch_size=size) for size in (16, 64))
    epoch = usual.runs[0].config.schedule.anneal_epochs[0] - 1
    before = [group.at("test_patch_only_accuracy", epoch) for group in (usual, larger)]
    return Evidence(
        "batch-size", f"large rate, patches read before the anneal: batches of 16 {said(before[0])} %, of 64 "
        f"{said(before[1])} %", f"≤ {CHANCE} with 16, ≥ {KNOWN} with 64", usual.seeds,
        list((before[0] <= CHANCE) & (before[1] >= KNOWN)),
    )
