"""Claims against the recorded runs, in three groups, a row for each claim and experiment. No torch."""

from collections.abc import Callable, Sequence
from functools import cache

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
from lrreg_utils.claims.evidence import AHEAD, GAP, Evidence, Tally, tally
from lrreg_utils.errors import UserError
from lrreg_utils.results import recording
from lrreg_utils.results.learning_order import tracked_runs
from lrreg_utils.results.noise import recorded_tasks
from lrreg_utils.results.select import INERT, WITH_PATCH, of_mixture, where
from lrreg_utils.results.study import recorded_study

CENTRAL = "hidden"  # the recording of the central experiment
NETWORKS = CENTRAL, "convnet"  # that experiment, with its references, on digits
COMPARED = *NETWORKS, "photographs"  # those with all schedules
ISOLATED = *COMPARED, "photographs-50k"  # all of them
BOTH_RATES = "puzzle-rates", "puzzle-10k", "puzzle-small", "digits-fresh", "cifar-50k"
GROUPS = {
    "paper": "What the paper claims",
    "stronger": "Stronger statements that nobody made, and that are easily taken for the claim",
    "rival": "What other explanations predict",
}
PAGES = {  # of the argument, in its order
    "puzzle": "Puzzle", "intuition": "Intuition", "patterns": "Patterns", "cifar_demo": "Demo",
    "photographs": "Photographs", "learning_order": "Order", "convexity": "Convexity", "theory": "Theory",
    "noise": "Noise",
}
# A test belongs to the page of its claim, except that the page "photographs" has all of what it introduces
PHOTOGRAPHS = "convnet", "photographs", "photographs-50k", "digits-fresh", "cifar-small", "cifar-50k"
PLACES = {  # where a claim is tested, and the recordings and studies that test it there
    "digits, hidden layer": ("hidden", "hidden-order"),
    "digits, convnet": ("convnet", "puzzle-rates", "digits-fresh", "anneal-epoch", "learning-order",
                        "batch-size", "preactivation-noise", "expressiveness", "faint-patches", "noise-level",
                        "learning-curves"),
    "10,000 photos": ("photographs", "puzzle-10k", "cifar-small"),
    "50,000 photos": ("photographs-50k", "puzzle-small", "cifar-50k"),
    "small problems, theory": ("convexity", "separation"),
}
recorded = cache(recording.recorded)  # many claims read the same runs
Judged = tuple[str, str, Evidence]  # group, claim, and what one experiment says of it
Measure = Callable[[], Evidence]


def measure_claims(*groups: str) -> list[Judged]:
    """Every claim of the groups, or of all, in each of its experiments.

    Raises:
        UserError: a recording is missing.
    """
    return [(group, claim, measure()) for group in groups or CLAIMS
            for claim, experiments in CLAIMS[group].items() for measure in experiments]


def judge_claims() -> list[dict]:
    """`measure_claims` as plain values: group, claim, experiment, measured, effect, interval, seeds, verdict.

    ``effect`` is the mean over seeds and ``interval`` its 95 % interval, in the unit that ``measured`` names;
    both are None for a claim without one number per seed.

    Raises:
        UserError: a recording is missing.
    """
    return [{"group": group, "claim": claim} | found.row() for group, claim, found in measure_claims()]


def by_page(judged: Sequence[Judged]) -> dict[str, list[tuple[str, Evidence]]]:
    """The paper's claims, and what each experiment says of them, for each page (see `PHOTOGRAPHS`)."""
    page_of = {claim: page for page, claims in PAPER for claim in claims}
    found = {page: [] for page in PAGES}
    for group, claim, one in judged:
        if group == "paper":
            found["photographs" if one.experiment in PHOTOGRAPHS else page_of[claim]].append((claim, one))
    return found


@cache
def _tests_by_page() -> dict[str, list[tuple[str, Evidence]]]:
    return by_page(measure_claims("paper"))


def of_page(page: str) -> list[tuple[str, Evidence]]:
    """The paper's claims that a page tests; a test is a claim in one experiment.

    Raises:
        UserError: no such page, or a recording is missing.
    """
    if page not in PAGES:
        raise UserError(f"claims: no page {page!r}; choose from {', '.join(PAGES)}")
    return _tests_by_page()[page]


def counted(page: str) -> Tally:
    """How many of a page's `of_page` hold.

    Raises:
        UserError: see `of_page`.
    """
    return tally(found for _, found in of_page(page))


def badge(page: str) -> str:
    """`counted` in words: ``◑ in part: 3 of 7 tests hold, 3 partly, 1 not``.

    Raises:
        UserError: see `of_page`.
    """
    return str(counted(page))


def _on(claim: Callable[..., Evidence], *recordings: str) -> tuple[Measure, ...]:
    """A claim on the runs of each recording."""
    return tuple(lambda name=name: claim(recorded(name), name) for name in recordings)


def _in(mixture: str, claim: Callable[..., Evidence], *arguments,
        recordings: Sequence[str] = ISOLATED) -> tuple[Measure, ...]:
    """A claim on those runs of the central experiment that show one mixture, on each network and data set."""
    return tuple(lambda name=name: claim(of_mixture(recorded(name), mixture), name, *arguments)
                 for name in recordings)


def _plain(recording: str) -> Measure:
    """Whether the large rate is clearly ahead on plain images, as many as the patch experiment shows."""
    def measure() -> Evidence:
        histories = recorded(recording)
        most = max(run.config.train_size for run in histories)
        return puzzle.ahead_at_end(where(histories, train_size=most), recording, AHEAD)

    return measure


def _of(claim: Callable[..., Evidence], study: str) -> tuple[Measure]:
    """A claim on the result of a recorded study."""
    def measure() -> Evidence:
        found = recorded_study(study)
        return claim(found["result"], found["seeds"], study)

    return (measure,)


def _after_one_epoch(reset_lengths: bool) -> Evidence:
    """Whether the patch waits for the noise alone, in the central experiment."""
    small = where(of_mixture(recorded(CENTRAL), WITH_PATCH), schedule="small_lr")
    moved = where(of_mixture(recorded("hidden-lengths"), WITH_PATCH), reset_lengths=reset_lengths)
    return noise.waits_for_noise_alone(moved, small, f"hidden-lengths{', reset' * reset_lengths}")


# Each claim of the paper in the book's words: the page that it is a link of, and what measures it
PAPER: tuple[tuple[str, dict[str, tuple[Measure, ...]]], ...] = (
    ("puzzle", {
        "The small rate leads in training and test accuracy until the large one anneals.":
            _in(WITH_PATCH, puzzle.lead_before_anneal)
            + _on(puzzle.lead_before_anneal, "puzzle-rates", "puzzle-10k", "puzzle-small"),
        "Then the large rate wins on test images.":
            _in(WITH_PATCH, puzzle.ahead_at_end)
            + _on(puzzle.ahead_at_end, *BOTH_RATES),
    }),
    ("cifar_demo", {
        "The class signal of the patch makes that gap.": _on(cifar_demo.due_to_signal, *ISOLATED),
        "Without that signal both rates end alike.": _on(cifar_demo.alike_without_signal, *ISOLATED),
    }),
    ("learning_order", {
        "The small rate recognizes the patch early, the large one only after it anneals.":
            _in(WITH_PATCH, cifar_demo.patch_before_anneal)
            + _on(cifar_demo.patch_before_anneal, "digits-fresh", "cifar-small", "cifar-50k"),
        "As long as it is not annealed, the large rate ignores the patch.":
            _in(WITH_PATCH, cifar_demo.ignored_for_ever, recordings=COMPARED)
            + _on(cifar_demo.ignored_for_ever, "anneal-epoch", "cifar-50k"),
    }),
    ("cifar_demo", {
        "In the end the small rate knows the images from 20 % of the examples, the large one from all.":
            (*_on(cifar_demo.way_to_all_images, *ISOLATED), lambda: cifar_demo.share_of_images(
                recorded("cifar-50k"), recorded("cifar-50k-reference"), "cifar-50k")),
    }),
    ("learning_order", {
        "The large rate learns the image of more examples before their patch than the small rate.": tuple(
            lambda name=name: learning_order.image_before_patch(tracked_runs(name), name)
            for name in ("hidden-order", "learning-order")),
    }),
    ("intuition", {
        "A larger rate makes the activations noisier.": (
            lambda: intuition.noisier_activations(
                recorded_study("preactivation-noise")["result"]["rates"], "preactivation-noise"),
        ),
        "Noise in the activations keeps a network from fitting patches, and not from fitting images.": tuple(
            lambda name=name, strength=strength: intuition.noise_hides_patch(
                recorded("expressiveness"), recorded(name), strength, name)
            for name, strength in (("expressiveness", 1.4), ("faint-patches", 0.7), ("faint-patches", 0.35))
        ),
    }),
    ("noise", {
        "With larger batches, which make less noise, the large rate no longer hides the patch.":
            _on(noise.patch_by_batch, "batch-size"),
        "At a small rate, annealed noise makes the patch wait as a large rate does.":
            (*_in(WITH_PATCH, cifar_demo.noise_delays_patch, recordings=COMPARED),
             lambda: noise.patch_waits(recorded_tasks()[0], "noise-level")),
        "Annealed activation noise gives back the large rate's lead on test images.":
            (*_in(WITH_PATCH, cifar_demo.noise_gives_back, recordings=COMPARED),
             lambda: noise.gap_given_back(recorded_tasks()[0], "noise-level")),
    }),
    ("patterns", {
        "Images are hard to generalize, patches easy.":
            _on(patterns.harder_to_generalize, "learning-curves"),
        "Patches are hard to fit, images easy.": (
            lambda: patterns.harder_to_fit(recorded("learning-curves"), "large_lr_constant",
                                           "learning-curves"),
            lambda: patterns.harder_to_fit(recorded("learning-curves"), "small_lr", "learning-curves"),
        ),
    }),
    ("convexity", {
        "In a convex problem every schedule finds the same solution.":
            _of(convexity.one_solution, "convexity"),
        "In a network different schedules find different solutions.":
            _of(convexity.other_solutions, "convexity"),
    }),
    ("theory", {
        "In the theory, large then small (L-S) generalizes better on P than small (S).":
            _of(theory.separation, "separation"),
        "In the theory, L-S learns Q only after it anneals.": _of(theory.order, "separation"),
    }),
)
# Each claim by group, and what measures it
CLAIMS: dict[str, dict[str, tuple[Measure, ...]]] = {
    "paper": {claim: measures for _, claims in PAPER for claim, measures in claims.items()},
    "stronger": {
        f"The large rate wins by more than {GAP} points.": _in(WITH_PATCH, puzzle.ahead_at_end, GAP),
        "The small rate never learns the images of patched examples.":
            _on(cifar_demo.images_never_learned, *ISOLATED),
        "The large rate beats every smaller rate.": _on(puzzle.beats_smaller_rates, "puzzle-rates"),
        "The large rate ends with the lower cross entropy, too.":
            _in(WITH_PATCH, puzzle.surer_at_end)
            + _on(puzzle.surer_at_end, *BOTH_RATES),
        "The order alone decides: the large rate ends as well when it is never annealed.":
            _on(learning_order.order_decides, "anneal-epoch"),
        "The patch waits only as long as the noise of the large rate lasts.": (
            lambda: noise.waits_for_noise_alone(
                recorded("anneal-epoch"), where(recorded("digits-rates"), schedule="constant_0.016"),
                "anneal-epoch"),
            lambda: _after_one_epoch(reset_lengths=False), lambda: _after_one_epoch(reset_lengths=True),
        ),
        "Annealed noise of any other kind makes the patch wait as well.": tuple(
            lambda kind=kind: noise.kind_holds_patch(recorded_tasks()[0], kind, "noise-kinds")
            for kind in noise.BEST if kind != "activation"
        ),
        "How long the patch is hidden depends on the rate over the batch size alone.":
            _on(noise.delay_by_ratio, "hidden-batch"),
        "The patch waits without batch norm, too.": tuple(
            lambda norm=norm: noise.by_norm(recorded("hidden-norms"))[norm]["order"]
            for norm in ("group", "none")),
        "Without batch norm, too, its signal makes the gap.": tuple(
            lambda norm=norm: noise.by_norm(recorded("hidden-norms"))[norm]["due"]
            for norm in ("group", "none")),
        "The small rate keeps the features of the images, and stops using them.":
            _of(learning_order.features_alike, "new-readout"),
        "In the theory's network of finite width, the gap needs the injected noise.":
            _of(theory.gap_without_noise, "finite"),
    },
    "rival": {
        "The small rate is simply the worse one: without the class signal it ends behind, too.":
            (*_in(INERT, puzzle.ahead_at_end, AHEAD),
             _plain("digits-reference"), _plain("cifar-50k-reference")),
        "Longer weights make a part of the large rate's lead, and the order another.": tuple(
            lambda name=name, network=network: learning_order.share_of_lead(
                recorded(network) + recorded(f"{network}-lengths"), name, f"{network}-lengths")
            for network in NETWORKS for name in (learning_order.RESET, learning_order.LONG)),
        "The large rate is ahead only because it recognizes the patch late.": (
            lambda: conclusion.matched_by_time(recorded("hidden-match"), recorded(CENTRAL), "hidden-match"),
        ),
        "The large rate ends in a flatter place.": _of(conclusion.flatter, "curvature"),
    },
}
