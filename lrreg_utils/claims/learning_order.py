"""The order of learning: which comes first, image or patch, and what a network knows when the patch comes."""

from collections.abc import Sequence

import numpy as np

from lrreg_utils.claims.evidence import (
    AHEAD,
    CHANCE,
    FIRST,
    FITS_ALL,
    INFINITE,
    RECOGNIZED,
    Effect,
    Evidence,
    one_per_seed,
    runs_where,
    said,
)
from lrreg_utils.results.history import History
from lrreg_utils.results.learning_order import Tracked, by_schedule, forgotten, of_schedule, order_shares
from lrreg_utils.results.measures import after, first_epoch
from lrreg_utils.results.select import over_two

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
         for name, values in found.items()},
        effect=Effect(gap, (AHEAD, INFINITE)),
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
         for name, found in groups.items() for kind in ("clean", "patched")},
        effect=Effect(more.min(0)),
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
