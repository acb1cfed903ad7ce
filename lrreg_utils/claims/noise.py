"""Noise as the mechanism: added at the small rate, and taken away at the large one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lrreg_utils.claims import conclusion
from lrreg_utils.claims.cifar_demo import due_to_signal, noise_gives_back, patch_before_anneal
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
from lrreg_utils.experiments.config import Config
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import after, first_step, recovered, steps
from lrreg_utils.results.noise import Task, recorded_tasks
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import WITH_PATCH, of_mixture, over_two, where
from lrreg_utils.tables import Table

CLEAN, PATCH = "test_clean_accuracy", "test_patch_only_accuracy"
CLEARLY_READ = RECOGNIZED - CHANCE, INFINITE  # points between a patch that is recognized and one that is not
SOON, LATE = 12, 30  # epochs in which the share of the gap is read
TOGETHER = 2  # times: delays that lie within this factor count as the same
# The level of each kind that was best on the seed for tuning
BEST = {"activation": 0.8, "dropout": 0.3, "gradient": 0.2, "label": 0.5, "batch": 8.0}


def evidence() -> dict[str, Evidence]:
    """What the recorded runs say, by the names under which the page quotes their numbers."""
    (patched, _), batches, central = recorded_tasks(), recorded("batch-size"), recorded("hidden")
    found = {
        "noise": noise_gives_back(of_mixture(central, WITH_PATCH), "hidden"),
        "quiet": patch_without_noise(patched, "noise-level"),
        "order": patch_waits(patched, "noise-level"),
        "gap": gap_given_back(patched, "noise-level"),
        "batches_patch": patch_by_batch(batches, "batch-size"),
        "batches_lead": lead_by_batch(batches, patched.small, "batch-size"),
        "match": conclusion.matched_by_time(recorded("hidden-match"), central, "hidden-match"),
        "delay": delay_by_ratio(recorded("hidden-batch"), "hidden-batch"),
        "map": hidden_for_ever(recorded("hidden-rates"), "hidden-rates"),
    }
    return found | {f"{norm}_{name}": one for norm, both in by_norm(recorded("hidden-norms")).items()
                    for name, one in both.items()}


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
        f"{said(end)} %", f"patches with noise ≤ {CHANCE} %, in the end ≥ {RECOGNIZED}", noisy.seeds,
        list((before <= CHANCE) & (end >= RECOGNIZED)), effect=Effect(end - before, CLEARLY_READ),
    )


def kind_holds_patch(task: Task, kind: str, experiment: str = "live") -> Evidence:
    """Whether noise of another kind makes the patch wait."""
    noisy = one_per_seed(task.noisy[kind, BEST[kind]])
    before = noisy.at(PATCH, task.until - 1)
    return Evidence(experiment, f"{kind} {BEST[kind]:g}: patches read while it lasts {said(before)} %",
                    f"patches with {kind} noise ≤ {CHANCE} %", noisy.seeds, list(before <= CHANCE),
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
        "noise gives back at least half of the gap", noisy.seeds, list(share >= HALF),
        effect=Effect(share, (HALF, INFINITE), "of the lead"),
    )


def patch_by_batch(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """What the large rate knows of the patch before the anneal, with batches of 16 and of 64."""
    usual, larger = (runs_where(histories, schedule="large_lr", batch_size=size) for size in (16, 64))
    until = usual.runs[0].config.schedule.anneal_epochs[0] - 1
    before = [group.at(PATCH, until) for group in (usual, larger)]
    # four times as many epochs show as many examples
    never = runs_where(histories, schedule="large_lr_constant", batch_size=16)
    return Evidence(
        experiment, f"large rate, patches read before the anneal: batches of 16 {said(before[0])} %, of 64 "
        f"{said(before[1])} %", f"patches ≤ {CHANCE} % with 16, ≥ {RECOGNIZED} with 64", usual.seeds,
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
        list(later <= 1), effect=Effect(later, (-INFINITE, 1), "epochs later"), part="patch",
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


def delay_by_ratio(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """How far the steps to half of the patches lie apart at one ratio of rate to batch size, or at one rate.

    The latest over the earliest step among batch sizes, as a geometric mean; never counts as the last step.
    """
    def ratio(config: Config) -> float:
        return round(config.schedule.initial_lr / config.batch_size, 9)

    apart, seen = _factors(histories, ratio), _factors(histories, ratio, never=np.nan)
    at_rate = _factors(histories, lambda config: config.schedule.initial_lr)
    return Evidence(
        experiment, f"steps to half of the patches, latest over earliest batch size: {said(apart, 2)} at one "
        f"rate over size, {said(at_rate, 2)} at one rate", f"within a factor of {TOGETHER} at one ratio",
        sorted({run.config.seed for run in histories}), list(apart <= TOGETHER),
        {name: str(Effect(one, unit="")) for name, one in
         (("ratio", apart), ("rate", at_rate), ("seen", seen))},
        effect=Effect(apart, (1, TOGETHER), "times"), part="delay",
    )


def _factors(
    histories: Sequence[History], key: Callable[[Config], float], never: float | None = None
) -> np.ndarray:
    """Latest over earliest step among the batch sizes of a group, geometric mean over groups: (seeds,).

    Args:
        never: the step of a run that never gets there (None: its last); groups with NaN are left out.
    """
    groups: dict[float, dict[int, list[History]]] = {}
    for run in histories:
        groups.setdefault(key(run.config), {}).setdefault(run.config.batch_size, []).append(run)
    spans = []
    for sizes in groups.values():
        found = [[np.nan_to_num(first_step(run, PATCH), nan=steps(run)[-1] if never is None else never)
                  for run in one_per_seed(runs).runs] for runs in sizes.values()]
        if len(found) > 1:
            spans.append(np.log(np.max(found, 0) / np.min(found, 0)))
    return np.exp(np.nanmean(spans, 0))


def hidden_for_ever(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """Smallest rate, never annealed, at which patches of each strength stay unrecognized to the end."""
    rates, strengths, ends = over_two(histories, "schedule.initial_lr", "patch_strength", after(PATCH))
    hidden = ends <= CHANCE  # (strengths, rates, seeds)
    first = [[next((rate for rate, one in zip(rates, row, strict=True) if one), INFINITE) for row in by.T]
             for by in hidden]
    grows = [all(np.diff(one) >= 0) and one[-1] > one[0] for one in np.transpose(first)]
    named = {f"from_{strength:g}".replace(".", "_"): _range(one)
             for strength, one in zip(strengths, first, strict=True)}
    return Evidence(
        experiment, "smallest rate that hides a patch to the end: " + "; ".join(
            f"strength {strength:g}: {_range(one)}" for strength, one in zip(strengths, first, strict=True)),
        "a stronger patch takes a larger rate", sorted({run.config.seed for run in histories}), grows, named,
    )


def by_norm(histories: Sequence[History]) -> dict[str, dict[str, Evidence]]:
    """For each normalization: whether the patch waits (``order``), and what it adds to the gap (``due``)."""
    found = {}
    for norm in sorted({run.config.norm for run in histories}):
        runs, name = where(histories, norm=norm), f"{'no' if norm == 'none' else norm} norm"
        found[norm] = {"order": patch_before_anneal(of_mixture(runs, WITH_PATCH), name),
                       "due": due_to_signal(runs, name)}
    return found


def norms_table(histories: Sequence[History]) -> Table:
    """By normalization: rates, patches before the anneal and at the end, and the gap on images."""
    rows = []
    for norm, found in by_norm(histories).items():
        order, due = found["order"].numbers, found["due"].numbers
        schedule = where(histories, norm=norm, schedule="large_lr")[0].config.schedule
        rates = f"{schedule.initial_lr:g}, {schedule.lr(schedule.anneal_epochs[0]):g}"
        rows.append((norm, rates, order["small"], order["large"], order["end"], due["gap"], due["inert"]))
    return Table(("norm", "rates", "patch before: small", "large", "large, end", "gap", "gap, inert"), rows,
                 "percent of patches; points of clean test accuracy, large minus small")


def _range(rates: Sequence[float]) -> str:
    """From the smallest to the largest: ``0.2 to 0.3``; ``none`` where no rate did."""
    low, high = (f"{rate:g}" if rate < INFINITE else "none" for rate in (min(rates), max(rates)))
    return low if low == high else f"{low} to {high}"


def numbers(found: Mapping[str, Evidence]) -> dict[str, str]:
    """What the page's text quotes beside the numbers of `evidence`: shares of the lead, and accuracies."""
    patched, plain = recorded_tasks()
    weak, drowned = (one_per_seed(patched.noisy["activation", level]) for level in (0.2, 1.6))
    quiet, before = one_per_seed(plain.small), patched.until - 1
    convnet = noise_gives_back(of_mixture(recorded("convnet"), WITH_PATCH))
    return {
        "hidden_mean": f"{found['noise'].effect.mean:.2f}", "hidden_share": _bare(found["noise"]),
        "conv_mean": f"{found['gap'].effect.mean:.2f}", "conv_share": _bare(found["gap"]),
        "convnet_mean": f"{convnet.effect.mean:.2f}", "convnet_share": _bare(convnet),
        "group_due_mean": f"{found['group_due'].effect.mean:.1f}",
        "soon": share(patched, epoch=SOON), "loss": share(patched, "test_clean_loss"),
        "weak": said(weak.at(PATCH, before)), "drowned": said(drowned.at(CLEAN, before)),
        "quiet_30": said(quiet.at(CLEAN, LATE)), "quiet_60": said(quiet.at(CLEAN)),
        **{f"{kind}_{name}": f"{np.mean(task.shares(CLEAN, LATE, kind, BEST[kind])):.2f}"
           for name, task in (("patched", patched), ("plain", plain))
           for kind in ("activation", "gradient", "batch")},
    }


def _bare(one: Evidence) -> str:
    """A share with its interval, and without its unit."""
    return str(replace(one.effect, unit=""))


def kinds_table(patched: Task, plain: Task) -> Table:
    """What each kind of noise does to the patch, and what share of the lead it gives back."""
    rows = [(kind, f"{level:g}", _held(patched, kind), share(patched, kind=kind), share(plain, kind=kind))
            for kind, level in BEST.items()]
    return Table(("kind", "level", "patch before, %", "share, patch task", "share, plain images"), rows,
                 f"shares of the lead in clean test accuracy after epoch {LATE}")


def batches_table(histories: Sequence[History], small: Sequence[History]) -> Table:
    """The end of the annealed large rate by batch size, and of the small rate, on images and on patches."""
    groups = {f"large, batches of {size}": where(histories, schedule="large_lr", batch_size=size)
              for size in (16, 64)} | {"small, batches of 16": small}
    rows = [(name, " ".join(f"{value:.1f}" for value in found.at(CLEAN)), said(found.at(CLEAN)),
             said(found.at("test_clean_loss"), 2), said(found.at(PATCH)))
            for name, found in ((name, one_per_seed(group)) for name, group in groups.items())]
    return Table(("runs", "clean, by seed", "clean, %", "loss", "patch, %"), rows)


def share(task: Task, column: str = CLEAN, epoch: int = LATE, kind: str = "activation") -> str:
    """The share of the lead that noise gives back, over seeds; at the best level of its kind."""
    return said(task.shares(column, epoch, kind, BEST[kind]), 2)


def _held(task: Task, kind: str) -> str:
    """Accuracy on patches alone after the last epoch with noise of a kind."""
    return said(one_per_seed(task.noisy[kind, BEST[kind]]).at(PATCH, task.until - 1))
