"""The patch experiment: when each rate recognizes the patch, and from how much data the image is learned."""

from collections.abc import Mapping, Sequence

import numpy as np

from lrreg_utils.claims.evidence import (
    AHEAD,
    ALIKE,
    CHANCE,
    CLEARLY,
    DUE,
    EARLIER,
    GAP,
    HALF,
    INFINITE,
    LATER,
    RECOGNIZED,
    UNREAD,
    WAY,
    Effect,
    Evidence,
    Runs,
    one_per_seed,
    said,
    two_rates,
)
from lrreg_utils.claims.puzzle import ahead_at_end, lead_before_anneal
from lrreg_utils.results.history import History, by_schedule
from lrreg_utils.results.measures import first_epoch, recovered
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import IMAGE_REMOVED, INERT, WITH_PATCH, of_mixture, where
from lrreg_utils.tables import Table, spread

PATCH, IMAGE = "test_patch_only_accuracy", "test_clean_accuracy"
EFFECTS = {
    "gap": "lead of the large rate at the end",
    "alike": "the same with an inert patch",
    "due": "what the patch's signal adds",
    "way": "way to all images, large minus small",
    "lead": "lead of the small rate before the anneal",
    "order": "patches recognized before the anneal, small minus large",
    "never": "patches recognized at the end, never annealed",
    "noise": "share of the lead that noise gives back",
}


def evidence(
    histories: Sequence[History], experiment: str = "live", references: Sequence[History] = ()
) -> dict[str, Evidence]:
    """What the compared schedules say: ``win``, ``order``, ``noise``, and ``shares`` with references.

    Args:
        references: see `share_of_images`.
    """
    found = {"win": ahead_at_end(histories, experiment, CLEARLY),
             "order": patch_before_anneal(histories, experiment),
             "noise": noise_delays_patch(histories, experiment)}
    return found | ({"shares": share_of_images(histories, references, experiment)} if references else {})


def recorded_evidence() -> dict[str, dict[str, Evidence]]:
    """What recorded convolutional networks say, with all references or (``plain``) fewer.

    ``bad``: at a bad small rate; ``few``, ``many``: on photographs, at the authors' rates.
    """
    isolated = {"convnet": "convnet", "photos": "photographs", "all_photos": "photographs-50k"}
    plain = {"bad": ("digits-fresh", "digits-reference"), "few": ("cifar-small",),
             "many": ("cifar-50k", "cifar-50k-reference")}
    return {kind: mechanism(recorded(name), name) for kind, name in isolated.items()} | {
        kind: evidence(recorded(name), name, *map(recorded, references))
        for kind, (name, *references) in plain.items()}


def mechanism(histories: Sequence[History], experiment: str = "live") -> dict[str, Evidence]:
    """What the central experiment says, with its references inside the same mixture.

    ``gap``, ``alike`` (both rates without the patch's signal), ``due`` (their difference), ``way``, ``lead``,
    ``order``; with the schedules for them also ``never`` and ``noise``.
    """
    patched = of_mixture(histories, WITH_PATCH)
    found = {"gap": ahead_at_end(patched, experiment, GAP),
             "alike": alike_without_signal(histories, experiment),
             "due": due_to_signal(histories, experiment),
             "way": way_to_all_images(histories, experiment),
             "lead": lead_before_anneal(patched, experiment),
             "order": patch_before_anneal(patched, experiment)}
    schedules = by_schedule(patched)
    if "large_lr_constant" in schedules:
        found["never"] = ignored_for_ever(patched, experiment)
    if "small_lr_noise" in schedules:
        found["noise"] = noise_gives_back(patched, experiment)
    return found


def gap_of(histories: Sequence[History], mixture: str) -> np.ndarray:
    """Clean test accuracy at the end, large minus small, in one mixture: points by seed."""
    large, small = two_rates(of_mixture(histories, mixture))
    return large.at(IMAGE) - small.at(IMAGE)


def alike_without_signal(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """The gap between the rates where the patch is there and says nothing."""
    inert = gap_of(histories, INERT)
    large, small = (runs.at(IMAGE) for runs in two_rates(of_mixture(histories, INERT)))
    return Evidence(
        experiment, f"with an inert patch: large {said(large)} %, small {said(small)} %, gap {said(inert)}",
        f"with an inert patch within {AHEAD} points of each other", _seeds(histories),
        list(abs(inert) <= AHEAD),
        {"large": said(large), "small": said(small), "gap": said(inert)},
        effect=Effect(inert, (-ALIKE, ALIKE)),
    )


def due_to_signal(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """What the class signal adds to the gap: the gap with the patch less the gap with an inert one."""
    patched, inert = gap_of(histories, WITH_PATCH), gap_of(histories, INERT)
    due = patched - inert
    effect = Effect(due, (DUE, INFINITE))
    return Evidence(
        experiment,
        f"gap with the patch {said(patched)}, with an inert one {said(inert)}, difference {said(due)}",
        f"with the signal a gap larger by {DUE} points or more", _seeds(histories), list(due >= DUE),
        {"gap": said(patched), "inert": said(inert), "due": said(due), "effect": str(effect),
         "share": f"{100 * due.mean() / patched.mean():.0f} %",
         "without": f"{100 * inert.mean() / patched.mean():.0f} %", "lowest": f"{patched.min():.1f}"},
        effect=effect,
    )


def way_to_all_images(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """How far each rate comes from its reference with the image removed to the one with an inert patch."""
    ways, numbers = {}, {}
    for place, name in enumerate(("large", "small")):
        end, inert, removed = (two_rates(of_mixture(histories, mixture))[place].at(IMAGE)
                               for mixture in (WITH_PATCH, INERT, IMAGE_REMOVED))
        ways[name] = 100 * (end - removed) / (inert - removed)
        numbers |= {f"{name}_end": said(end), f"{name}_inert": said(inert), f"{name}_removed": said(removed),
                    f"{name}_way": said(ways[name], 0), f"{name}_cost": said(inert - end)}
    ahead = ways["large"] - ways["small"]
    return Evidence(
        experiment, "of the way from the image removed to the inert patch: "
        f"large {said(ways['large'], 0)} %, small {said(ways['small'], 0)} %",
        "to all images: large more than half of the way, small less", _seeds(histories),
        list((ways["large"] > 50) & (ways["small"] < 50)), numbers,
        effect=Effect(ahead, (WAY, INFINITE), "% of the way"),
    )


def images_never_learned(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """How far the small rate is when the large one anneals, on the way from 20 % of the images to all."""
    epoch = two_rates(of_mixture(histories, WITH_PATCH))[0].runs[0].config.schedule.anneal_epochs[0] - 1
    small, inert, removed = (two_rates(of_mixture(histories, mixture))[1]
                             for mixture in (WITH_PATCH, INERT, IMAGE_REMOVED))
    way = {when: 100 * (small.at(IMAGE, when) - removed.at(IMAGE)) / (inert.at(IMAGE) - removed.at(IMAGE))
           for when in (epoch, -1)}
    return Evidence(
        experiment, "small rate, of the way from the image removed to the inert patch: "
        f"{said(way[epoch], 0)} % in epoch {epoch}, {said(way[-1], 0)} % at the end",
        f"less than half of it in epoch {epoch}", small.seeds, list(way[epoch] < 50),
        {"before": said(way[epoch], 0), "end": said(way[-1], 0)},
        effect=Effect(way[epoch], (-INFINITE, 50), "% of the way"),
    )


def noise_gives_back(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """Share of the large rate's lead that the small rate has with annealed noise."""
    large, small = (runs.at(IMAGE) for runs in two_rates(histories))
    noisy = _of(histories, "small_lr_noise")
    share = np.array(recovered(noisy.at(IMAGE), small, large))
    before = noisy.at(PATCH, noisy.runs[0].config.schedule.noise_until - 1)
    return Evidence(
        experiment, f"with noise the small rate ends at {said(noisy.at(IMAGE))} %, {said(share, 2)} of the "
        f"lead; patches recognized while it lasts {said(before)} %",
        f"noise gives back at least {HALF} of the lead", noisy.seeds, list(share >= HALF),
        {"share": said(100 * share, 0), "before": said(before)},
        effect=Effect(share, (HALF, INFINITE), "of the lead"),
    )


def _seeds(histories: Sequence[History]) -> list[int]:
    return two_rates(of_mixture(histories, WITH_PATCH))[0].seeds


def patch_before_anneal(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """Patches recognized at either rate just before the large one anneals, and at the end."""
    large, small = two_rates(histories)
    epoch = large.runs[0].config.schedule.anneal_epochs[0] - 1
    early, late, end = small.at(PATCH, epoch), large.at(PATCH, epoch), large.at(PATCH)
    first = [first_epoch(run, PATCH, RECOGNIZED) for run in small.runs]
    return Evidence(
        experiment, f"patches recognized before the anneal: small {said(early)} %, large {said(late)} %; "
        f"large at the end {said(end)} %",
        f"patches before the anneal: small ≥ {RECOGNIZED} %, large ≤ {UNREAD}; large {LATER} more at the end",
        large.seeds, list((early >= RECOGNIZED) & (late <= UNREAD) & (end - late >= LATER)),
        {"small_from": f"{min(first):.0f} to {max(first):.0f}", "small_seeds": _count(early >= RECOGNIZED),
         "large_seeds": _count(late > CHANCE), "small": said(early), "large": said(late), "end": said(end)},
        effect=Effect(early - late, (EARLIER, INFINITE)),
    )


def _count(met: np.ndarray) -> str:
    """How many seeds do: ``3 of 5``."""
    return f"{met.sum()} of {len(met)}"


def noise_delays_patch(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """Patches recognized at the small rate just before its noise stops."""
    noisy = _of(histories, "small_lr_noise")
    before = noisy.at(PATCH, noisy.runs[0].config.schedule.noise_until - 1)
    return Evidence(experiment, f"small rate with noise: patches read while it lasts {said(before)} %",
                    f"small with noise: patches while it lasts ≤ {CHANCE} %", noisy.seeds,
                    list(before <= CHANCE), effect=Effect(before, (-INFINITE, CHANCE), "% of patches"))


def ignored_for_ever(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """Patches recognized at the end at the large rate that is never annealed."""
    found = _of(histories, "large_lr_constant")
    end = found.at(PATCH)
    return Evidence(experiment, f"never annealed: patches read at the end {said(end)} %",
                    f"never annealed: patches at the end ≤ {CHANCE} %", found.seeds, list(end <= CHANCE),
                    {"seeds": _count(end >= RECOGNIZED), "end": said(end)},
                    effect=Effect(end, (-INFINITE, CHANCE), "% of patches"))


def share_of_images(
    histories: Sequence[History], references: Sequence[History], experiment: str = "live"
) -> Evidence:
    """Where each rate ends between training on images alone, on 20 % and on 84 % of them.

    Args:
        references: runs without patches at either rate, on two sizes of the training set.
    """
    ends, lines = _ends_and_lines(histories, references)
    ways = {name: 100 * (end - lines[name][0]) / np.ptp(lines[name]) for name, end in ends.items()}
    texts = [f"{name} {said(end)} %, on 20 % of the images alone {lines[name][0]:.1f}, on 84 % "
             f"{lines[name][1]:.1f}" for name, end in ends.items()]
    return Evidence(
        experiment, "; ".join(texts), "large nearer to its 84 %, small to its 20 %",
        two_rates(histories)[0].seeds, list((ways["large_lr"] > 50) & (ways["small_lr"] <= 50)),
        _split(ends, lines),
        effect=Effect(ways["large_lr"] - ways["small_lr"], (WAY, INFINITE), "% of the way"),
    )


def _ends_and_lines(
    histories: Sequence[History], references: Sequence[History]
) -> tuple[dict[str, np.ndarray], dict[str, tuple[float, float]]]:
    """By rate: clean test accuracy by seed, and the mean of the references on few and on many images."""
    few, many = sorted({run.config.train_size for run in references})
    ends = {runs.runs[0].config.schedule.name: runs.at(IMAGE) for runs in two_rates(histories)}
    lines = {name: tuple(float(np.mean(one_per_seed(
        where(references, schedule=name, train_size=size)).at(IMAGE))) for size in (few, many))
        for name in ends}
    return ends, lines


def _split(ends: dict[str, np.ndarray], lines: dict[str, tuple[float, float]]) -> dict[str, str]:
    """For each rate its distance to its two lines; of the gap the share that needs no patch."""
    numbers = {}
    for name, (few, many) in lines.items():
        short, end = name.removesuffix("_lr"), ends[name].mean()
        numbers |= {f"{short}_cost": f"{many - end:.1f}", f"{short}_lead": f"{end - few:.1f}",
                    f"{short}_way": f"{100 * (end - few) / (many - few):.0f} %"}
    without = lines["large_lr"][1] - lines["small_lr"][1]
    gap = ends["large_lr"].mean() - ends["small_lr"].mean()
    return numbers | {"gap_without_patches": f"{100 * without / gap:.0f} %"}


def unlearned(histories: Sequence[History]) -> dict[str, str]:
    """The small rate on test images in the best epoch of its mean, before the anneal and at the end.

    With what its references have in that epoch and lose after it, and with the patches that the large rate
    recognizes before the anneal where the image is removed (``alone``).
    """
    large, small = two_rates(of_mixture(histories, WITH_PATCH))
    (_, inert), (lonely, removed) = (two_rates(of_mixture(histories, one)) for one in (INERT, IMAGE_REMOVED))
    best, before = int(small[IMAGE].mean(0).argmax()) + 1, large.runs[0].config.schedule.anneal_epochs[0] - 1
    return {"epoch": str(best), "best": said(small.at(IMAGE, best)), "before": said(small.at(IMAGE, before)),
            "lost": said(small.at(IMAGE, best) - small.at(IMAGE)),
            "inert": said(inert.at(IMAGE, best)), "inert_lost": said(inert.at(IMAGE, best) - inert.at(IMAGE)),
            "removed": said(removed.at(IMAGE, best)), "alone": said(lonely.at(PATCH, before))}


def effect_table(found: Mapping[str, Evidence]) -> Table:
    """The effects of `mechanism`, each with its 95 % interval and the seeds that meet its condition."""
    return Table(("effect", "mean [95 % interval]", "met in"), [
        (EFFECTS[name], str(one.effect), one.met_in) for name, one in found.items()])


def by_test_set(histories: Sequence[History]) -> Table:
    """Accuracy at the end on images, on images with a patch, and on patches, by schedule."""
    sets = ("clean", "patched", "patch_only")
    return Table(("schedule", *sets), [
        (name, *(spread(list(_of(histories, name).at(f"test_{one}_accuracy"))) for one in sets))
        for name in ("large_lr", "small_lr", "large_lr_constant")])


def _of(histories: Sequence[History], schedule: str) -> Runs:
    return one_per_seed(where(histories, schedule=schedule), schedule)
