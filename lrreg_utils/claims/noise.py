"""Noise as the mechanism: added at the small rate, and taken away at the large one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lrreg_utils.claims.evidence import (
    CHANCE,
    HALF,
    INFINITE,
    RECOGNIZED,
    Effect,
    Evidence,
    one_per_seed,
    runs_where,
    said,
)
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import recovered
from lrreg_utils.results.noise import Task
from lrreg_utils.results.select import where
from lrreg_utils.tables import Table

CLEAN, PATCH = "test_clean_accuracy", "test_patch_only_accuracy"
CLEARLY_READ = RECOGNIZED - CHANCE, INFINITE  # points between a patch that is recognized and one that is not
SOON, LATE = 12, 30  # epochs in which the share of the gap is read
# The level of each kind that was best on the seed for tuning
BEST = {"activation": 0.8, "dropout": 0.3, "gradient": 0.2, "label": 0.5, "batch": 8.0}


def evidence(task: Task, experiment: str = "live") -> dict[str, Evidence]:
    """Everything that runs with and without noise say: ``quiet``, ``order``, ``gap`` and ``some``."""
    read, gap = f"{experiment}, patches read", f"{experiment}, share of the gap"
    return {"quiet": patch_without_noise(task, read), "order": patch_waits(task, f"{read} with noise"),
            "gap": gap_given_back(task, gap), "some": some_given_back(task, gap)}


def patch_without_noise(task: Task, experiment: str = "live") -> Evidence:
    """What both rates know of the patch before the anneal, without noise."""
    large, small = one_per_seed(task.large), one_per_seed(task.small)
    early, late = small.at(PATCH, task.until - 1), large.at(PATCH, task.until - 1)
    return Evidence(
        experiment, f"patches read before the anneal: small {said(early)} %, large {said(late)} %",
        f"small without noise ≥ {RECOGNIZED}, large ≤ {CHANCE}", small.seeds,
        list((early >= RECOGNIZED) & (late <= CHANCE)), effect=Effect(early - late, CLEARLY_READ),
    )


def patch_waits(task: Task, experiment: str = "live") -> Evidence:
    """Whether annealed noise at the small rate makes the patch wait."""
    level = BEST["activation"]
    noisy = one_per_seed(task.noisy["activation", level])
    before, end = noisy.at(PATCH, task.until - 1), noisy.at(PATCH)
    return Evidence(
        experiment, f"noise {level:g}: patches read while it lasts {said(before)} %, in the end "
        f"{said(end)} %", f"≤ {CHANCE}, then ≥ {RECOGNIZED}", noisy.seeds,
        list((before <= CHANCE) & (end >= RECOGNIZED)), effect=Effect(end - before, CLEARLY_READ),
    )


def kind_holds_patch(task: Task, kind: str, experiment: str = "live") -> Evidence:
    """Whether noise of another kind makes the patch wait."""
    level = BEST[kind]
    noisy = one_per_seed(task.noisy[kind, level])
    before = noisy.at(PATCH, task.until - 1)
    return Evidence(experiment, f"{kind} {level:g}: patches read while it lasts {said(before)} %",
                    f"≤ {CHANCE}", noisy.seeds, list(before <= CHANCE),
                    effect=Effect(before, (-INFINITE, CHANCE), "% of patches"))


def gap_given_back(task: Task, experiment: str = "live") -> Evidence:
    """What share of the large rate's lead in clean test accuracy annealed noise gives back at the end."""
    level = BEST["activation"]
    noisy = one_per_seed(task.noisy["activation", level])
    small, large = one_per_seed(task.small), one_per_seed(task.large)
    share = np.array(task.shares(CLEAN, -1, "activation", level))
    return Evidence(
        experiment, f"test accuracy: small {said(small.at(CLEAN))} %, with noise {level:g} "
        f"{said(noisy.at(CLEAN))} %, large {said(large.at(CLEAN))} %: {said(100 * share, 0)} % of the gap",
        "at least half of it", noisy.seeds, list(share >= HALF),
        effect=Effect(share, (HALF, INFINITE), "of the lead"),
    )


def some_given_back(task: Task, experiment: str = "live") -> Evidence:
    """Whether annealed noise gives back anything of that lead."""
    shares = task.shares(CLEAN, -1, "activation", BEST["activation"])
    return replace(gap_given_back(task, experiment), condition="some of it", met=[one > 0 for one in shares],
                   effect=Effect(shares, unit="of the lead"))


def batch_evidence(
    histories: Sequence[History], small: Sequence[History], experiment: str
) -> dict[str, Evidence]:
    """Everything that the batches of the large rate say: ``patch`` and ``lead``."""
    return {"patch": patch_by_batch(histories, f"{experiment}, patches read at the large rate"),
            "lead": lead_by_batch(histories, small, experiment)}


def patch_by_batch(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """What the large rate knows of the patch before the anneal, with batches of 16 and of 64."""
    usual, larger = (runs_where(histories, schedule="large_lr", batch_size=size) for size in (16, 64))
    until = usual.runs[0].config.schedule.anneal_epochs[0] - 1
    before = [group.at(PATCH, until) for group in (usual, larger)]
    # four times as many epochs show as many examples
    never = runs_where(histories, schedule="large_lr_constant", batch_size=16)
    return Evidence(
        experiment, f"large rate, patches read before the anneal: batches of 16 {said(before[0])} %, of 64 "
        f"{said(before[1])} %", f"≤ {CHANCE} with 16, ≥ {RECOGNIZED} with 64", usual.seeds,
        list((before[0] <= CHANCE) & (before[1] >= RECOGNIZED)),
        {"of_16": said(before[0]), "of_64": said(before[1]), "of_16_late": said(never.at(PATCH, 4 * until))},
        effect=Effect(before[1] - before[0], CLEARLY_READ),
    )


def waits_for_noise_alone(
    moved: Sequence[History], at_once: Sequence[History], experiment: str = "live"
) -> Evidence:
    """How much later the patch is recognized after a single epoch at the large rate than after none.

    Args:
        at_once: runs at the lower rate from the first epoch on.
    """
    one = runs_where(moved, schedule="large_lr", schedule__anneal_epochs=(2,))
    without, after_one = (runs.first(PATCH, RECOGNIZED) for runs in (one_per_seed(at_once), one))
    later = after_one - without
    return Evidence(
        experiment, f"patches recognized from epoch {said(without)} without a large rate, from "
        f"{said(after_one)} after one epoch at it", "later by that one epoch at most", one.seeds,
        list(later <= 1), effect=Effect(later, (-INFINITE, 1), "epochs later"),
    )


def lead_by_batch(
    histories: Sequence[History], small: Sequence[History], experiment: str = "live"
) -> Evidence:
    """What is left at the end of the large rate's lead over the small one, with batches of 64."""
    usual, larger = (runs_where(histories, schedule="large_lr", batch_size=size) for size in (16, 64))
    left = recovered(larger.at(CLEAN), one_per_seed(small).at(CLEAN), usual.at(CLEAN))
    return Evidence(experiment, f"batches of 64: {said(left, 2)} of the lead is left",
                    "with batches of 64 at least half of the lead is left", usual.seeds,
                    [share >= HALF for share in left], {"left": said(left, 2)},
                    effect=Effect(left, (HALF, INFINITE), "of the lead"))


def numbers(live: Task, patched: Task, plain: Task, recipes: Mapping[str, Mapping]) -> dict:
    """What the page's text quotes: shares of the gap, accuracies, and the loss left on image and patch.

    Args:
        live, patched, plain: live runs; recorded ones on the patch task; and on plain images.
        recipes: the recorded study of the theory's network of finite width.
    """
    drowned, quiet = one_per_seed(patched.noisy["activation", 1.6]), one_per_seed(plain.small)
    large, noisy = one_per_seed(live.large), one_per_seed(live.noisy["activation", BEST["activation"]])
    return {
        "live": {
            "soon": share(live, epoch=SOON), "end": share(live, epoch=-1),
            "loss_end": share(live, "test_clean_loss", -1),
            "left_large": said(large.at("train_both_loss", live.until + 1), 2),
            "left_noisy": said(noisy.at("train_both_loss", live.until + 1), 2),
        },
        "patched": share(patched), "patched_loss": share(patched, "test_clean_loss"),
        "patched_soon": share(patched, epoch=SOON), "patched_end": share(patched, epoch=-1),
        "plain": share(plain), "plain_loss": share(plain, "test_clean_loss"),
        "drowned": said(drowned.at(CLEAN, patched.until - 1)),
        "gradient": share(patched, kind="gradient"), "label": share(patched, kind="label"),
        "batch": share(patched, kind="batch"), "batch_plain": share(plain, kind="batch"),
        "batch_before": _held(patched, "batch"),
        "quiet_30": said(quiet.at(CLEAN, LATE)), "quiet_60": said(quiet.at(CLEAN)),
        "theory": {"injected": said(recipes["injected noise"]["ratio"], 2),
                   "none": said(recipes["no injected noise"]["ratio"], 2)},
    }


def levels_table(patched: Task, plain: Task) -> Table:
    """The share of the gap at each level of activation noise."""
    rows = [(f"{level:g}", *(share(task, level=level) for task in (patched, plain)))
            for kind, level in patched.noisy if kind == "activation"]
    return Table(("level", "patch task", "plain images"), rows,
                 f"share of the gap, clean test accuracy, epoch {LATE}")


def kinds_table(patched: Task, plain: Task) -> Table:
    """What each kind of noise does to the patch, and what share of the gap it gives back."""
    rows = [(kind, f"{level:g}", _held(patched, kind), share(patched, kind=kind), share(plain, kind=kind))
            for kind, level in BEST.items()]
    return Table(("kind", "level", "patch before, %", "share, patch task", "share, plain"), rows)


def theory_table(recipes: Mapping[str, Mapping]) -> Table:
    """The theory's network of finite width with and without noise: when Q is learned, and the gap on P."""
    return Table(("recipe", "Q-only error before the anneal, %", "error on P: S / L-S"), [
        (name, said(recipes[name]["L-S"]["q_only_error_before_anneal"]), said(recipes[name]["ratio"], 2))
        for name in ("injected noise", "no injected noise", "minibatches")])


def task_table(task: Task) -> Table:
    """`ends_table` of a task's runs, and below it the share of the gap."""
    noisy = {f"small, {kind} {level:g}": runs for (kind, level), runs in task.noisy.items()}
    return ends_table({"large": task.large, "small": task.small, **noisy},
                      [f"share of the gap that noise gives back: {share(task, epoch=-1)}"])


def batches_table(histories: Sequence[History], small: Sequence[History]) -> Table:
    """`ends_table` of the annealed large rate by batch size, and of the small rate."""
    sizes = {f"large, batches of {size}": where(histories, schedule="large_lr", batch_size=size)
             for size in (16, 64)}
    return ends_table(sizes | {"small, batches of 16": small})


def ends_table(groups: Mapping[str, Sequence[History]], notes: Sequence[str] = ()) -> Table:
    """The end of runs by name: clean test accuracy, its loss, and accuracy on patches alone."""
    rows = [(name, " ".join(f"{value:.1f}" for value in found.at(CLEAN)), said(found.at(CLEAN)),
             said(found.at("test_clean_loss"), 2), said(found.at(PATCH)))
            for name, found in ((name, one_per_seed(group)) for name, group in groups.items())]
    return Table(("runs", "clean, by seed", "clean, %", "loss", "patch, %"), rows, notes=notes)


def share(
    task: Task, column: str = CLEAN, epoch: int = LATE, kind: str = "activation", level: float | None = None
) -> str:
    """The share of the gap that noise gives back, over seeds; at its best level unless one is given."""
    return said(task.shares(column, epoch, kind, BEST[kind] if level is None else level), 2)


def _held(task: Task, kind: str) -> str:
    """Accuracy on patches alone after the last epoch with noise of a kind."""
    return said(one_per_seed(task.noisy[kind, BEST[kind]]).at(PATCH, task.until - 1))
