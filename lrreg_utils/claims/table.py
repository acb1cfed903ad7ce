"""The claims of the paper against the recorded runs, a row for each claim and experiment. No torch.

What a seed must do for a claim to hold is said in every row, so that a verdict is a count: ``holds`` (every
seed), ``holds in part`` (some seeds), ``not reproduced`` (none).
"""

from collections.abc import Callable

from lrreg_utils.claims import (
    cifar_demo,
    conclusion,
    convexity,
    intuition,
    learning_order,
    noise,
    patterns,
    puzzle,
    theory,
)
from lrreg_utils.claims.evidence import Evidence
from lrreg_utils.results.learning_order import tracked_runs
from lrreg_utils.results.noise import recorded_tasks
from lrreg_utils.results.recording import recorded
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


# Each claim in the book's words, and what measures it
CLAIMS: dict[str, tuple[Callable[[], Evidence], ...]] = {
    "The small rate leads in training and test accuracy until the large one anneals.":
        _on(puzzle.lead_before_anneal, "puzzle-rates", "puzzle-10k", "puzzle-small"),
    "Then the large rate wins on test images.":
        _on(puzzle.ahead_at_end, "puzzle-rates", "puzzle-10k", "puzzle-small", "digits-fresh", "cifar-50k"),
    "A larger rate makes the activations noisier.": (
        lambda: intuition.noisier_activations(
            recorded_study("preactivation-noise")["result"]["rates"], "preactivation-noise"),
    ),
    "Noise in the activations keeps a network from fitting patches, and not from fitting images.": tuple(
        lambda name=name, strength=strength: intuition.noise_hides_patch(
            recorded("expressiveness"), recorded(name), strength, name)
        for name, strength in (("expressiveness", 1.4), ("faint-patches", 0.7), ("faint-patches", 0.35))
    ),
    "Images are hard to generalize, patches easy.": _on(patterns.harder_to_generalize, "learning-curves"),
    "Patches are hard to fit, images easy.": (
        lambda: patterns.harder_to_fit(recorded("learning-curves"), "large_lr_constant", "learning-curves"),
        lambda: patterns.harder_to_fit(recorded("learning-curves"), "small_lr", "learning-curves"),
    ),
    "The small rate reads the patch early, the large one only after it anneals.":
        _on(cifar_demo.patch_before_anneal, "digits-fresh", "cifar-small", "cifar-50k"),
    "The large rate learns the image of more examples before their patch than the small rate.": (
        lambda: learning_order.image_before_patch(tracked_runs(), "learning-order"),
    ),
    "The order alone decides: the large rate ends as well when it is never annealed.":
        _on(learning_order.order_decides, "anneal-epoch"),
    "As long as it is not annealed, the large rate ignores the patch.":
        _on(cifar_demo.ignored_for_ever, "anneal-epoch", "cifar-50k"),
    "The small rate learns the images from 20 % of the examples, the large one from all that show them.": (
        lambda: cifar_demo.share_of_images(recorded("cifar-50k"), recorded("cifar-50k-reference"),
                                           "cifar-50k"),
    ),
    "In a convex problem every schedule finds the same solution.": _of(convexity.one_solution, "convexity"),
    "In a network different schedules find different solutions.": _of(convexity.other_solutions, "convexity"),
    "In the theory, large then small (L-S) generalizes better on P than small (S).":
        _of(theory.separation, "separation"),
    "In the theory, L-S learns Q only after it anneals.": _of(theory.order, "separation"),
    "In the theory's network of finite width, the gap needs the injected noise.":
        _of(theory.gap_without_noise, "finite"),
    "The noise of its batches is what lets the large rate hide the patch.":
        _on(noise.patch_by_batch, "batch-size"),
    "At a small rate, annealed noise makes the patch wait as a large rate does.": (
        lambda: noise.patch_waits(recorded_tasks()[0], "noise-level"),
    ),
    "So does noise of any other kind.": tuple(
        lambda kind=kind: noise.kind_holds_patch(recorded_tasks()[0], kind, "noise-kinds")
        for kind in noise.BEST if kind != "activation"
    ),
    "Annealed activation noise gives back the large rate's lead on test images.": (
        lambda: noise.gap_given_back(recorded_tasks()[0], "noise-level"),
    ),
    "A rival: the large rate ends in a flatter place.": _of(conclusion.flatter, "curvature"),
}
