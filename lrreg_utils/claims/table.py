"""The claims of the paper against the recorded runs, a row for each claim and experiment. No torch.

What a seed must do for a claim to hold is said in every row, so that a verdict is a count: ``holds`` (every
seed), ``holds in part`` (some seeds), ``not reproduced`` (none).
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from lrreg_utils.claims import convexity, learning_order, networks, puzzle, theory
from lrreg_utils.claims.evidence import Evidence, runs, said
from lrreg_utils.claims.thresholds import CHANCE, RECOGNIZED
from lrreg_utils.results.history import recorded
from lrreg_utils.results.learning_order import tracked_runs
from lrreg_utils.results.study import recorded_study


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


def _on(claim: Callable[..., Evidence], *recordings: str) -> tuple[Callable[[], Evidence], ...]:
    """A claim on the runs of each recording."""
    return tuple(lambda name=name: claim(recorded(name), name) for name in recordings)


def _of(claim: Callable[..., Evidence], study: str) -> tuple[Callable[[], Evidence]]:
    """A claim on the result of a recorded study."""
    def measure() -> Evidence:
        found = recorded_study(study)
        return claim(found["result"], found["seeds"], study)

    return (measure,)


def _patch_before_anneal(recording: str) -> Evidence:
    large, small = (runs(recording, schedule=name) for name in ("large_lr", "small_lr"))
    epoch = large.runs[0].config.schedule.anneal_epochs[0] - 1
    early, late = (rate.at("test_patch_only_accuracy", epoch) for rate in (small, large))
    end = large.at("test_patch_only_accuracy")
    return Evidence(
        recording, f"patches read before the anneal: small {said(early)} %, large {said(late)} %; large at "
        f"the end {said(end)} %", f"small ≥ {RECOGNIZED}, large ≤ {CHANCE}, at the end ≥ {RECOGNIZED}",
        large.seeds,
        list((early >= RECOGNIZED) & (late <= CHANCE) & (end >= RECOGNIZED)),
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


# Each claim in the book's words, and what measures it
CLAIMS: dict[str, tuple[Callable[[], Evidence], ...]] = {
    "The small rate leads in training and test accuracy until the large one anneals.":
        _on(puzzle.lead_before_anneal, "puzzle-rates", "puzzle-10k", "puzzle-small"),
    "Then the large rate wins on test images.":
        _on(puzzle.ahead_at_end, "puzzle-rates", "puzzle-10k", "puzzle-small", "digits-fresh", "cifar-50k"),
    "A larger rate makes the activations noisier.": (networks.noisier_activations,),
    "Noise in the activations keeps a network from fitting patches, and not from fitting images.": (
        lambda: networks.noise_hides_patch("expressiveness", 1.4),
        lambda: networks.noise_hides_patch("faint-patches", 0.7),
        lambda: networks.noise_hides_patch("faint-patches", 0.35),
    ),
    "Images are hard to generalize, patches easy.": (lambda: networks.harder_to_generalize(64),),
    "Patches are hard to fit, images easy.": (
        lambda: networks.harder_to_fit("large_lr_constant"),
        lambda: networks.harder_to_fit("small_lr"),
    ),
    "The small rate reads the patch early, the large one only after it anneals.": (
        lambda: _patch_before_anneal("digits-fresh"),
        lambda: _patch_before_anneal("cifar-small"),
        lambda: _patch_before_anneal("cifar-50k"),
    ),
    "The large rate learns the image of more examples before their patch than the small rate.": (
        lambda: learning_order.image_before_patch(tracked_runs(), "learning-order"),
    ),
    "The order alone decides: the large rate ends as well when it is never annealed.":
        _on(learning_order.order_decides, "anneal-epoch"),
    "As long as it is not annealed, the large rate ignores the patch.": (
        lambda: networks.ignored_for_ever("anneal-epoch"),
        lambda: networks.ignored_for_ever("cifar-50k"),
    ),
    "The small rate learns the images from 20 % of the examples, the large one from all that show them.": (
        lambda: _share_of_images("cifar-50k", "cifar-50k-reference", 10_000, 42_000),
    ),
    "In a convex problem every schedule finds the same solution.": _of(convexity.one_solution, "convexity"),
    "In a network different schedules find different solutions.": _of(convexity.other_solutions, "convexity"),
    "In the theory, large then small (L-S) generalizes better on P than small (S).":
        _of(theory.separation, "separation"),
    "In the theory, L-S learns Q only after it anneals.": _of(theory.order, "separation"),
    "In the theory's network of finite width, the gap needs the injected noise.":
        _of(theory.gap_without_noise, "finite"),
    "The noise of its batches is what lets the large rate hide the patch.": (
        networks.noise_of_batches,
    ),
    "At a small rate, annealed noise makes the patch wait as a large rate does.": (
        lambda: networks.order_by_noise(0.8),
    ),
    "So does noise of any other kind.": tuple(
        partial(networks.best_kind, kind, level)
        for kind, level in (("dropout", 0.3), ("gradient", 0.2), ("label", 0.5), ("batch", 8.0))
    ),
    "Annealed activation noise gives back the large rate's lead on test images.": (
        lambda: networks.gap_by_noise(0.8),
    ),
    "A rival: the large rate ends in a flatter place.": (networks.flatter,),
}
