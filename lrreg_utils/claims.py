"""The claims of the paper against the recorded runs, a row for each claim and experiment. No torch.

What a seed must do for a claim to hold is said in every row, so that a verdict is a count: ``holds`` (every
seed), ``holds in part`` (some seeds), ``not reproduced`` (none).
"""

from collections.abc import Callable

import numpy as np

from lrreg_utils.evidence import Evidence, runs, said
from lrreg_utils.study_files import recorded_study

KNOWN, CHANCE = 50, 20  # percent of patches: from here on they are read; up to here they are not
BEFORE = 10  # epochs before the anneal, over which a lead is averaged
RATIO = 1.4  # S over L-S in the theory: from here on the gap counts


def judge_claims() -> list[dict]:
    """Every claim with what was measured: claim, experiment, measured, seeds, verdict.

    Raises:
        UserError: a recording is missing.
    """
    return [
        {
            "claim": claim, "experiment": found.experiment,
            "measured": f"{found.measured}; {found.condition}: {sum(found.met)} of {len(found.met)} seeds",
            "seeds": list(found.seeds), "verdict": found.verdict,
        }
        for claim, experiments in CLAIMS.items()
        for found in (measure() for measure in experiments)
    ]


def _lead_before(recording: str, large: dict, small: dict) -> Evidence:
    first, second = runs(recording, **large), runs(recording, **small)
    anneal = first.runs[0].config.schedule.anneal_epochs[0]
    epochs = range(max(1, anneal - BEFORE), anneal)
    train, test = (second.mean(column, epochs) - first.mean(column, epochs)
                   for column in ("train_clean_accuracy", "test_clean_accuracy"))
    return Evidence(
        recording, f"small minus large before the anneal: train {said(train)}, test {said(test)} points",
        "small ahead on both", first.seeds, list((train > 0) & (test > 0)),
    )


def _ahead_at_end(recording: str, large: dict, small: dict) -> Evidence:
    first, second = runs(recording, **large), runs(recording, **small)
    gap = first.at("test_clean_accuracy") - second.at("test_clean_accuracy")
    loss = second.at("test_clean_loss") - first.at("test_clean_loss")
    return Evidence(
        recording, f"large above small by {said(gap)} points; cross entropy {said(loss, 2)} nats lower",
        "large ahead in accuracy", first.seeds, list(gap > 0),
    )


def _patch_before_anneal(recording: str) -> Evidence:
    large, small = (runs(recording, schedule=name) for name in ("large_lr", "small_lr"))
    epoch = large.runs[0].config.schedule.anneal_epochs[0] - 1
    early, late = (rate.at("test_patch_only_accuracy", epoch) for rate in (small, large))
    end = large.at("test_patch_only_accuracy")
    return Evidence(
        recording, f"patches read before the anneal: small {said(early)} %, large {said(late)} %; large at "
        f"the end {said(end)} %", f"small ≥ {KNOWN}, large ≤ {CHANCE}, at the end ≥ {KNOWN}", large.seeds,
        list((early >= KNOWN) & (late <= CHANCE) & (end >= KNOWN)),
    )


def _share_of_images(recording: str, references: str, few: int, many: int) -> Evidence:
    ends = {name: runs(recording, schedule=name) for name in ("large_lr", "small_lr")}
    nearer_to_many, texts = {}, []
    for name, found in ends.items():
        end = found.at("test_clean_accuracy")
        lower, upper = (np.mean(runs(references, schedule=name, train_size=size).at("test_clean_accuracy"))
                        for size in (few, many))
        nearer_to_many[name] = end > (lower + upper) / 2
        texts.append(f"{name} {said(end)} %, on 20 % of the images alone {lower:.1f}, on 84 % {upper:.1f}")
    return Evidence(
        recording, "; ".join(texts), "large nearer to its 84 %, small to its 20 %", ends["large_lr"].seeds,
        list(nearer_to_many["large_lr"] & ~nearer_to_many["small_lr"]),
    )


def _separation() -> Evidence:
    study = recorded_study("separation")
    ratio, control = (np.array(study["result"][name]) for name in ("ratio", "control_ratio"))
    return Evidence(
        "separation", f"error on P, S over L-S: {said(ratio, 2)}; without Q {said(control, 2)}",
        f"at least {RATIO}, and above the control", study["seeds"],
        list((ratio >= RATIO) & (ratio > control)),
    )


def _order_in_theory() -> Evidence:
    study = recorded_study("separation")
    annealed, linear = study["result"]["L-S"], study["result"]["linear_error"]
    before, after = (np.array(annealed[name]) for name in ("q_only_error_before_anneal", "q_only_error"))
    return Evidence(
        "separation", f"Q-only error of L-S: before annealing {said(before)} %, after {said(after)} %; the "
        f"best linear rule {linear:.1f} %", "no better than linear before, at most 1 % after", study["seeds"],
        list((before >= linear) & (after <= 1)),
    )


def _gap_without_noise() -> Evidence:
    study = recorded_study("finite")
    quiet = study["result"]["recipes"]["no injected noise"]
    ratio, before = np.array(quiet["ratio"]), np.array(quiet["L-S"]["q_only_error_before_anneal"])
    return Evidence(
        "finite", f"no noise injected: S over L-S {said(ratio, 2)}; Q-only error before annealing "
        f"{said(before)} %", f"no gap, a ratio below {RATIO}", study["seeds"], list(ratio < RATIO),
    )


LARGE, SMALL = {"schedule": "large_lr"}, {"schedule": "small_lr"}
# Each claim in the book's words, and what measures it
CLAIMS: dict[str, tuple[Callable[[], Evidence], ...]] = {
    "The small rate leads in training and test accuracy until the large one anneals.": (
        lambda: _lead_before("puzzle-small", LARGE, SMALL),
    ),
    "Then the large rate wins on test images.": (
        lambda: _ahead_at_end("puzzle-small", LARGE, SMALL),
        lambda: _ahead_at_end("digits-fresh", LARGE, SMALL),
        lambda: _ahead_at_end("cifar-50k", LARGE, SMALL),
    ),
    "The small rate reads the patch early, the large one only after it anneals.": (
        lambda: _patch_before_anneal("digits-fresh"),
        lambda: _patch_before_anneal("cifar-small"),
        lambda: _patch_before_anneal("cifar-50k"),
    ),
    "The small rate learns the images from 20 % of the examples, the large one from all that show them.": (
        lambda: _share_of_images("cifar-50k", "cifar-50k-reference", 10_000, 42_000),
    ),
    "In the theory, large then small (L-S) generalizes better on P than small alone (S).": (_separation,),
    "In the theory, L-S learns Q only after it anneals.": (_order_in_theory,),
    "In the theory's network at a finite width, the gap needs the injected noise.": (_gap_without_noise,),
}
