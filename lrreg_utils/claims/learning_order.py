"""The order of learning: which comes first, image or patch, and what a network knows when the patch comes."""

from collections.abc import Sequence

import numpy as np

from lrreg_utils.claims.evidence import (
    AHEAD,
    ALIKE,
    CHANCE,
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
from lrreg_utils.results.learning_order import Tracked, by_schedule, forgotten, of_schedule, order_shares
from lrreg_utils.results.measures import after, first_epoch, recovered
from lrreg_utils.results.select import INERT, WITH_PATCH, by_treatment, of_mixture, over_two
from lrreg_utils.tables import Table

SHORT = {"large_lr": "large", "small_lr": "small", "small_lr_noise": "noise", "large_lr_constant": "never"}
LARGE = 0.4  # the large rate of the digits


def live_evidence(runs: Sequence[Tracked]) -> dict[str, Evidence]:
    """What a run at the large rate and one at the small rate say, for each seed."""
    (large, small), seeds = _two(runs)
    epoch = large[0].anneal_epoch - 2  # rows count from 0: the last epoch at the large rate
    late, early = (np.array([run.right("patch", run.patched)[epoch] for run in found])
                   for found in (large, small))
    images = _gap(large, small, lambda run: run.right("image", run.patched)[-1])
    tests = _gap(large, small, lambda run: run.columns["test_clean_accuracy"][-1])
    return {
        "order": Evidence(
            "live", f"patches recognized before the anneal: large {said(late)} %, small {said(early)} %",
            f"patches before the anneal: small ≥ {RECOGNIZED}, large ≤ {CHANCE}", seeds,
            list((early >= RECOGNIZED) & (late <= CHANCE)),
            effect=Effect(early - late, (RECOGNIZED - CHANCE, INFINITE))),
        "kept": Evidence(
            "live", f"images of patched examples at the end: large ahead by {said(images)} points",
            f"images of patched examples at the end: large ahead by {AHEAD} points or more", seeds,
            list(images >= AHEAD), effect=Effect(images, (AHEAD, INFINITE))),
        "tests": Evidence(
            "live", f"test images at the end: large ahead by {said(tests)} points",
            f"test images at the end: large ahead by {AHEAD} points or more", seeds, list(tests >= AHEAD),
            effect=Effect(tests, (AHEAD, INFINITE))),
    }


def evidence(
    runs: Sequence[Tracked], grid: Sequence[History], moved: Sequence[History], at_once: Sequence[History]
) -> dict[str, Evidence]:
    """What the recorded runs say: of ``learning-order``, ``rate-strength`` and ``anneal-epoch``.

    Args:
        at_once: runs at the lower rate from the first epoch on.
    """
    return {
        "first": image_before_patch(runs, "learning-order"), "end": more_forgotten(runs, "learning-order"),
        "when_read": ahead_when_read(runs, "learning-order"), **rate_against_patch(grid),
        "epoch": one_epoch_helps(moved, at_once), "anneal": order_decides(moved),
    }


def _two(runs: Sequence[Tracked]) -> tuple[list[list[Tracked]], list[int]]:
    found = [of_schedule(runs, name) for name in ("large_lr", "small_lr")]
    return found, [run.seed for run in found[0]]


def _gap(large: list[Tracked], small: list[Tracked], measure) -> np.ndarray:
    return np.array([measure(one) - measure(other) for one, other in zip(large, small, strict=True)])


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


def ahead_when_read(runs: Sequence[Tracked], experiment: str = "live") -> Evidence:
    """Accuracy on test images when half of the patches are learned, and what is lost until the end."""
    then, lost = {}, {}
    for name, found in by_schedule(runs).items():
        tests = [run.columns["test_clean_accuracy"] for run in found]
        then[name] = np.array([test[run.half_learned("patch", run.patched) - 1]
                               for run, test in zip(found, tests, strict=True)])
        lost[name] = then[name] - [test[-1] for test in tests]
    gap = then["large_lr"] - then["small_lr"]
    return Evidence(
        experiment, f"test images when half of the patches are learned: large ahead by {said(gap)} points",
        f"test images when half of the patches are learned: large ahead by {AHEAD} points or more",
        _two(runs)[1], list(gap >= AHEAD),
        {f"{word}_{SHORT[name]}": said(values) for word, found in (("then", then), ("lost", lost))
         for name, values in found.items()}, effect=Effect(gap, (AHEAD, INFINITE)),
    )


def more_forgotten(runs: Sequence[Tracked], experiment: str = "live") -> Evidence:
    """Images of patched examples against those of clean ones: how many are forgotten, and how they end."""
    groups = by_schedule(runs)
    more = np.array([[_lost(run, run.patched) - _lost(run, ~run.patched) for run in found]
                     for found in groups.values()])
    return Evidence(
        experiment, f"images forgotten, patched minus clean, least schedule: {said(more.min(0))} points",
        "under every schedule images of patched examples are forgotten more often than those of clean ones",
        _two(runs)[1], list((more > 0).all(0)),
        {f"{kind}_{SHORT[name]}": said([run.columns[f"image_{kind}_loss"][-1] for run in found], 2)
         for name, found in groups.items() for kind in ("clean", "patched")}, effect=Effect(more.min(0)),
    )


def _lost(run: Tracked, examples: np.ndarray) -> float:
    return 100 * forgotten(run.hits["image"])[examples].mean()


def rate_against_patch(grid: Sequence[History]) -> dict[str, Evidence]:
    """A stronger patch at one schedule (``large``), and the smallest first rate against it (``small``)."""
    measures = {
        "test": after("test_clean_accuracy"), "patch": after("test_patch_only_accuracy"),
        "read": lambda run: first_epoch(run, "test_patch_only_accuracy", RECOGNIZED),
    }
    found = {name: over_two(grid, "schedule.initial_lr", "patch_strength", measure)
             for name, measure in measures.items()}  # rates, strengths, float (strengths, rates, seeds) each
    rates = found["test"][0]
    large, small = ({name: values[:, column] for name, (_, _, values) in found.items()}
                    for column in (rates.index(LARGE), 0))
    cost, gain = large["test"][0] - large["test"][-1], (large["test"] - small["test"]).min(0)
    seeds = sorted({run.config.seed for run in grid})
    return {
        "large": Evidence(
            "rate-strength", f"first rate {LARGE:g}: the strongest patch costs {said(cost)} points",
            f"first rate {LARGE:g}: the strongest patch costs {AHEAD} points or more", seeds,
            list(cost >= AHEAD), _by_strength(large), effect=Effect(cost, (AHEAD, INFINITE))),
        "small": Evidence(
            "rate-strength", f"first rate {LARGE:g} above {rates[0]:g} by {said(gain)} points or more",
            f"at every strength {LARGE:g} above {rates[0]:g} by {AHEAD} points or more", seeds,
            list(gain >= AHEAD), _by_strength(small), effect=Effect(gain, (AHEAD, INFINITE))),
    }


def _by_strength(found: dict[str, np.ndarray]) -> dict[str, str]:
    return {f"{name}_{strength}": format(float(row.mean()), ".0f" if name == "read" else ".1f")
            for name, rows in found.items()
            for strength, row in zip(("weak", "middle", "strong"), rows, strict=True)}


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
        effect=Effect(gap, (-AHEAD, AHEAD)),
    )

CLEAN, PATCH = "test_clean_accuracy", "test_patch_only_accuracy"
RESET, LONG = "large_lr, lengths reset", "small_lr, weights x 6"  # as `treatment_of` says
OTHERS = {"one": "large_lr for one epoch", "one_reset": "large_lr for one epoch, lengths reset",
          "three": "small_lr, weights x 3"}


def lengths(histories: Sequence[History], experiment: str = "live") -> dict[str, Evidence]:
    """Order or length? What is left of the lead with the lengths put back, and what long weights alone give.

    Args:
        histories: the central experiment with its inert patch, and its runs with other lengths.
    """
    return {"reset": share_of_lead(histories, RESET, experiment),
            "long": share_of_lead(histories, LONG, experiment),
            "inert_reset": alike_when_inert(histories, RESET, "large_lr", experiment),
            "inert_long": alike_when_inert(histories, LONG, "small_lr", experiment)}


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


def readout_table(readouts: dict) -> Table:
    """Clean test images right, in percent, with each network's own last layer and with one fitted anew."""
    twice = ("before the anneal", "at the end")
    layers = {"own": "own last layer", "trained": "new, training images", "held_out": "new, other images"}
    return Table(("network", "", *layers.values()), [
        (name, moment, *(said([run[place][layer] for run in readouts[name]]) for layer in layers))
        for name, moments in (("untrained", ("at first",)), ("large_lr", twice), ("small_lr", twice))
        for place, moment in enumerate(moments)])
