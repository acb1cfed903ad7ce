"""What the recorded networks say of the claims on noise, patterns and order. No torch."""

import numpy as np

from lrreg_utils.claims.evidence import Evidence, Runs, one_per_seed, runs, said
from lrreg_utils.claims.thresholds import CHANCE, FITTED, GENERALIZES, HALF, RECOGNIZED, SOON
from lrreg_utils.results.history import recorded
from lrreg_utils.results.measures import first_epoch
from lrreg_utils.results.select import part_alone, where
from lrreg_utils.results.study import recorded_study


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
        kind: np.array([one_per_seed(where(found, schedule__noise=level), f"{kind} at noise {level}")
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
    return one_per_seed(part_alone(where(recorded("learning-curves"), **fields), kind), f"{kind}: {fields}")


def _with_patches(recording: str, **fields) -> Runs:
    found = where(recorded(recording), **fields)
    return one_per_seed([run for run in found if run.config.shares.clean < 1], f"{recording}: {fields}")


def harder_to_fit(schedule: str) -> Evidence:
    """Epochs until 90 % of 640 training images, and of patches, are right."""
    epochs = {}
    for kind in ("clean", "patch_only"):
        found = _alone(kind, schedule=schedule, train_size=640)
        first = [first_epoch(run, f"train_{kind}_accuracy", SOON) for run in found.runs]
        epochs[kind] = np.nan_to_num(first, nan=found.runs[0].config.epochs + 1)  # never: after the last
    return Evidence(
        "learning-curves", f"{schedule}: epochs until {SOON} % are fitted: images {said(epochs['clean'])}, "
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
        f"{said(end)} %", f"≤ {CHANCE}, then ≥ {RECOGNIZED}", found.seeds,
        list((before <= CHANCE) & (end >= RECOGNIZED)),
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


def flatter() -> Evidence:
    """Sharpness at the end of the patch experiment."""
    study = recorded_study("curvature")
    end = {name: np.array(study["result"][name]["sharpness"][1]) for name in ("large_lr", "small_lr")}
    return Evidence(
        "curvature", f"sharpness at the end: large {said(end['large_lr'])}, small {said(end['small_lr'])}",
        "the large rate's below the small one's", study["seeds"], list(end["large_lr"] < end["small_lr"]),
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
        f"{said(before[1])} %", f"≤ {CHANCE} with 16, ≥ {RECOGNIZED} with 64", usual.seeds,
        list((before[0] <= CHANCE) & (before[1] >= RECOGNIZED)),
    )
