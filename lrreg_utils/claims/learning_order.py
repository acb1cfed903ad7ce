"""The order of learning: which comes first, image or patch, and what a network knows when the patch comes."""

from collections.abc import Mapping, Sequence

import numpy as np

from lrreg_utils.claims import noise
from lrreg_utils.claims.conclusion import matched_by_time
from lrreg_utils.claims.evidence import (
    AHEAD,
    ALIKE,
    FIRST,
    FITS_ALL,
    INFINITE,
    RECOGNIZED,
    SHARED,
    Effect,
    Evidence,
    Runs,
    one_per_seed,
    runs_where,
    said,
)
from lrreg_utils.results.history import History
from lrreg_utils.results.learning_order import (
    Tracked,
    by_schedule,
    of_schedule,
    order_shares,
    tracked_runs,
)
from lrreg_utils.results.measures import first_epoch, recovered
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import (
    INERT,
    LONG,
    ONE_EPOCH,
    RESET,
    WITH_PATCH,
    by_treatment,
    mixture_of,
    of_mixture,
    treatment_of,
    where,
)
from lrreg_utils.results.study import recorded_study
from lrreg_utils.tables import Table

SHORT = {"large_lr": "large", "small_lr": "small", "small_lr_noise": "noise", "large_lr_constant": "never"}
CLEAN, PATCH = "test_clean_accuracy", "test_patch_only_accuracy"
OTHERS = {"one": ONE_EPOCH, "one_reset": f"{ONE_EPOCH}, lengths reset", "three": "small_lr, weights x 3"}


def recorded_evidence() -> dict[str, Evidence]:
    """Everything that the page says of recorded runs.

    Raises:
        UserError: a recording is missing.
    """
    central, moved, runs = recorded("hidden"), recorded("anneal-epoch"), tracked_runs("hidden-order")
    treated, readouts = central + recorded("hidden-lengths"), recorded_study("new-readout")
    shown = of_mixture(treated, WITH_PATCH)
    return {
        "later": patch_later(runs, "hidden-order"),
        "first": image_before_patch(runs, "hidden-order"),
        "older": image_before_patch(tracked_runs("learning-order"), "learning-order"),
        "features": features_alike(readouts["result"], readouts["seeds"], "new-readout"),
        "waits": noise.waits_for_noise_alone(
            where(shown, reset_lengths=False), where(shown, schedule="small_lr", initial_scale=1.0),
            "hidden-lengths"),
        "epoch": one_epoch_helps(moved, where(recorded("digits-rates"), schedule="constant_0.016")),
        "anneal": order_decides(moved),
        **lengths(treated, "hidden-lengths"),
        **{f"convnet_{name}": found for name, found in lengths(
            recorded("convnet") + recorded("convnet-lengths"), "convnet-lengths").items()},
        "match": matched_by_time(recorded("hidden-match"), central, "hidden-match"),
    }


def means(found: Mapping[str, Evidence]) -> dict[str, dict[str, str]]:
    """The numbers of each piece of evidence, and its ``effect``, without spread or interval."""
    return {key: {name: text.split()[0] for name, text in {**one.numbers, "effect": str(one.effect)}.items()}
            for key, one in found.items()}


def _two(runs: Sequence[Tracked]) -> tuple[list[list[Tracked]], list[int]]:
    found = [of_schedule(runs, name) for name in ("large_lr", "small_lr")]
    return found, [run.seed for run in found[0]]


def image_before_patch(runs: Sequence[Tracked], experiment: str = "live") -> Evidence:
    """Of how many patched training examples the image is learned before the patch, or alone."""
    orders = {name: [order_shares(run.first("image")[run.patched], run.first("patch")[run.patched])
                     for run in found] for name, found in by_schedule(runs).items()}
    shares = {name: np.array([one["image first"] + one["image only"] for one in found])
              for name, found in orders.items()}
    ahead = shares["large_lr"] - shares["small_lr"]
    no_later = {name: said([one["patch first"] + one["same epoch"] + one["patch only"] for one in found], 0)
                for name, found in orders.items()}
    return Evidence(
        experiment, f"patched examples whose image is learned first: large_lr {said(shares['large_lr'])} %, "
        f"small_lr {said(shares['small_lr'])} %",
        f"larger at the large rate, by {FIRST} points or more", _two(runs)[1],
        list(ahead >= FIRST), {SHORT[name]: share for name, share in no_later.items()},
        effect=Effect(ahead, (FIRST, INFINITE)),
    )


def patch_later(runs: Sequence[Tracked], experiment: str = "live") -> Evidence:
    """The epoch by which half of the patches are learned; never is the one after the last."""
    (large, small), seeds = _two(runs)
    half = [np.array([run.half_learned("patch", run.patched) for run in found]) for found in (large, small)]
    return Evidence(
        experiment, f"half of the patches are learned by epoch {said(half[0], 0)} at the large rate, "
        f"{said(half[1], 0)} at the small one", "half of the patches are learned later at the large rate",
        seeds, list(half[0] > half[1]),
        {"large": said(half[0], 0), "small": said(half[1], 0)},
        effect=Effect(half[0] - half[1], unit="epochs later"),
    )


def one_epoch_helps(moved: Sequence[History], at_once: Sequence[History]) -> Evidence:
    """One epoch at the large rate against none: accuracy at the end, when patch and images are learned."""
    none, one = one_per_seed(at_once), runs_where(moved, schedule__anneal_epochs=(2,))
    ends = [found.at("test_clean_accuracy") for found in (none, one)]
    return Evidence(
        "anneal-epoch", f"test images at the end: no epoch at the large rate {said(ends[0])} %, "
        f"one {said(ends[1])} %", "one epoch at the large rate better than none",
        one.seeds, list(ends[1] > ends[0]),
        {"none": said(ends[0]), "one": said(ends[1])} | {
            f"{word}_{name}": ", ".join(f"{first_epoch(run, column, level):.0f}" for run in found.runs)
            for name, found in (("none", none), ("one", one))
            for word, column, level in (("reads", "test_patch_only_accuracy", RECOGNIZED),
                                        ("fits", "train_clean_accuracy", FITS_ALL))},
        effect=Effect(ends[1] - ends[0]),
    )


def order_decides(moved: Sequence[History], experiment: str = "anneal-epoch") -> Evidence:
    """The annealed rate against the same rate never annealed, which learns in the same order until then."""
    nine, forty = (runs_where(moved, schedule__anneal_epochs=(epoch,)) for epoch in (9, 40))
    never = runs_where(moved, schedule="large_lr_constant")
    column, patched = "test_clean_accuracy", "test_patched_accuracy"
    gap = nine.at(column) - never.at(column)
    return Evidence(
        experiment, f"annealed at epoch 9 above never annealed by {said(gap)} points",
        f"within {AHEAD} points of it", nine.seeds, list(abs(gap) <= AHEAD),
        {"nine": said(nine.at(column)), "forty": said(forty.at(column)), "never": said(never.at(column)),
         "before_forty": said(forty.at(column, 39)), "patched_nine": said(nine.at(patched)),
         "patched_forty": said(forty.at(patched))},
        effect=Effect(gap, (-AHEAD, AHEAD)), part="never annealed",
    )


def lengths(histories: Sequence[History], experiment: str = "live") -> dict[str, Evidence]:
    """Order or length? What is left of the lead with the lengths put back, and what long weights alone give.

    Args:
        histories: an experiment with and without other lengths; with an inert patch, too, where there are.
    """
    found = {"reset": share_of_lead(histories, RESET, experiment),
             "long": share_of_lead(histories, LONG, experiment)}
    inert = {treatment_of(run.config) for run in histories if mixture_of(run.config) == INERT}
    for key, name, other in (("inert_reset", RESET, "large_lr"), ("inert_long", LONG, "small_lr")):
        if {name, other} <= inert:
            found[key] = alike_when_inert(histories, name, other, experiment)
    return found


def share_of_lead(histories: Sequence[History], name: str, experiment: str = "live") -> Evidence:
    """Share of the large rate's lead at the end that runs with other lengths have (see `by_treatment`)."""
    runs = _treated(histories, WITH_PATCH)
    share, (least, most) = _of_lead(runs, name), SHARED
    others = {key: str(Effect(_of_lead(runs, other), unit=""))
              for key, other in OTHERS.items() if other in runs}
    return Evidence(
        experiment, f"{name}: {said(runs[name].at(CLEAN))} %, {said(share, 2)} of the lead of large_lr",
        f"{name}: {least} to {most} of the lead", runs[name].seeds,
        list((least <= share) & (share <= most)),
        others | {"share": str(Effect(share, unit="")), "range": f"{share.min():.2f} to {share.max():.2f}",
                  "of_loss": str(Effect(_of_lead(runs, name, "test_clean_loss"), unit="")),
                  "patch": said(runs[name].at(PATCH)), "slower": f"{_slower(runs):.0f}"},
        effect=Effect(share, SHARED, "of the lead"),
    )


def alike_when_inert(
    histories: Sequence[History], name: str, other: str, experiment: str = "live"
) -> Evidence:
    """What other lengths change where the patch says nothing: points of accuracy on clean test images."""
    runs = _treated(histories, INERT)
    effect = Effect(runs[name].at(CLEAN) - runs[other].at(CLEAN), (-ALIKE, ALIKE))
    return Evidence(
        experiment, f"with an inert patch {name} ends {said(effect.values)} points above {other}",
        f"with an inert patch: {name} within {AHEAD} points of {other}", runs[name].seeds,
        list(abs(effect.values) <= AHEAD), {"change": str(effect)}, effect=effect,
    )


def _treated(histories: Sequence[History], mixture: str) -> dict[str, Runs]:
    return {name: one_per_seed(runs, name)
            for name, runs in by_treatment(of_mixture(histories, mixture)).items()}


def _of_lead(runs: dict[str, Runs], name: str, column: str = CLEAN) -> np.ndarray:
    large, small, found = (runs[one].at(column) for one in ("large_lr", "small_lr", name))
    return np.array(recovered(found, small, large))


def _slower(runs: dict[str, Runs]) -> float:
    """How many times smaller a step at the annealed rate is in effect than the small rate's."""
    schedule = runs["large_lr"].runs[0].config.schedule
    large, small = (runs[name].at("weight_length", schedule.anneal_epochs[0] - 1).mean()
                    for name in ("large_lr", "small_lr"))
    return (large / small) ** 2


def lengths_table(histories: Sequence[History]) -> Table:
    """A row for each treatment of the weights' lengths: the end of training, and the share of the lead."""
    runs = _treated(histories, WITH_PATCH)
    shares = {"large_lr": "1", "small_lr": "0"}
    rows = [(name, said(found.at(CLEAN)),
             shares.get(name) or str(Effect(_of_lead(runs, name), unit="")),
             said(found.at("test_clean_loss"), 2), said(found.at(PATCH)), said(found.at("weight_length"), 2))
            for name, found in runs.items()]
    return Table(("run", "clean test %", "share of the lead", "clean test loss", "patches %", "length"), rows)


def features_alike(readouts: dict, seeds: Sequence[int], experiment: str = "live") -> Evidence:
    """Lead of the large rate at the end with each network's own last layer, and with one fitted anew.

    Args:
        readouts: what `studies.readout.new_readout` gives.
    """
    large, small = (readouts[name] for name in ("large_lr", "small_lr"))
    lead = {layer: np.array([one[-1][layer] - other[-1][layer]
                             for one, other in zip(large, small, strict=True)]) for layer in large[0][-1]}
    effect = Effect(lead["held_out"], (-ALIKE, ALIKE))
    return Evidence(
        experiment, f"large ahead by {said(lead['own'])} points, with a new last layer by {effect}",
        f"with a new last layer within {AHEAD} points", seeds, list(abs(effect.values) <= AHEAD),
        {layer: str(Effect(points)) for layer, points in lead.items()}, effect=effect,
    )
