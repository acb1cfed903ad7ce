"""The intuition: a larger rate makes activations noisier, and noise hides the patch."""

from collections.abc import Mapping, Sequence

import numpy as np

from lrreg_utils.claims.evidence import (
    CHANCE,
    FITTED,
    INFINITE,
    NOISIER,
    NOISIER_THAN_PATCH,
    RIPPLE_LOST,
    RIPPLE_SEEN,
    WITHIN,
    Effect,
    Evidence,
    runs_where,
    said,
)
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import by_rate, site_mean
from lrreg_utils.results.select import part_alone, where
from lrreg_utils.tables import Table

SMALL, LARGE = 0.004, 0.4  # the two rates of the digits experiment
EPOCH = 9  # in which the rates are compared


def noise_evidence(rows: Sequence[Mapping], experiment: str = "live", epoch: int = EPOCH) -> list[Evidence]:
    """Everything that the noise of pre-activations says; see `noisier_activations` and `patch_drowns`."""
    return [noisier_activations(rows, experiment, epoch), patch_drowns(rows, experiment, epoch)]


def fitting_evidence(alone: Sequence[History], faint: Sequence[History]) -> list[Evidence]:
    """Everything that training on one part alone says of noise, for strong and for faint patches."""
    return [
        *(noise_hides_patch(alone, patches, strength, name) for patches, strength, name in (
            (alone, 1.4, "expressiveness"), (faint, 0.7, "faint-patches"), (faint, 0.35, "faint-patches"))),
        noise_turns_order(alone, "expressiveness"),
        large_rate_hides_patch(faint, 0.35, "faint-patches"),
    ]


def spread_by_formula(measured: np.ndarray, formula: np.ndarray) -> Evidence:
    """The std of one parameter against its formula.

    Args:
        measured: float (rates, seeds).
        formula: float (rates,).
    """
    off = np.abs(measured / formula[:, None] - 1).max(0)
    return Evidence("live, one parameter", f"spread off the formula by {said(100 * off)} % at most",
                    f"spread within {100 * WITHIN:g} % of the formula at every rate", range(len(off)),
                    list(off < WITHIN), effect=Effect(100 * off, (0, 100 * WITHIN), "%"))


def ripple_hidden(seen: np.ndarray, formula: np.ndarray) -> Evidence:
    """What SGD gets of a ripple at the smallest and at the largest rate.

    Args:
        seen: mean cosine, float (rates, seeds), rates ascending.
        formula: what the formula of the bowl alone says, float (rates,).
    """
    small, large = seen[0], np.abs(seen[-1])
    middle = len(seen) // 2 - 1
    return Evidence(
        "live, one parameter", f"ripple seen at the smallest rate {said(small, 2)}, at the largest "
        f"{said(large, 2)}", f"ripple seen at the smallest rate (above {RIPPLE_SEEN}) and not at the largest "
        f"(below {RIPPLE_LOST})", range(len(small)), list((small > RIPPLE_SEEN) & (large < RIPPLE_LOST)),
        {"small": f"{small.mean():.2f}", "large": f"{abs(seen[-1].mean()):.2f}",
         "mid": f"{seen[middle].mean():.2f}", "formula": f"{formula[middle]:.2f}"},
        effect=Effect(small - large, (RIPPLE_SEEN - RIPPLE_LOST, INFINITE), "in mean cosine"),
    )


def noisier_activations(rows: Sequence[Mapping], experiment: str = "live", epoch: int = EPOCH) -> Evidence:
    """The noise of pre-activations over their spread, at the large and at the small rate.

    Args:
        rows: of `lrreg_utils.studies.preactivations.noise_course`, at constant rates.
    """
    small, large = (_noise(rows, rate, epoch) for rate in (SMALL, LARGE))
    growth = large / small
    return Evidence(
        experiment, f"noise of pre-activations over spread, epoch {epoch}: {said(small, 2)} "
        f"at rate {SMALL}, {said(large, 2)} at {LARGE}, {said(growth)} times as much", "at least twice",
        _seeds(rows), list(growth >= NOISIER), effect=Effect(growth, (NOISIER, INFINITE), "times"),
        part=f"rate {LARGE} over {SMALL}",
    )


def patch_drowns(rows: Sequence[Mapping], experiment: str = "live", epoch: int = EPOCH) -> Evidence:
    """The noise of pre-activations over what patches change, at the large and at the small rate."""
    small, large = (_noise(rows, rate, epoch, below="patch") for rate in (SMALL, LARGE))
    return Evidence(
        experiment, f"noise over spread over patches, epoch {epoch}: {said(small, 2)} at rate {SMALL}, "
        f"{said(large, 2)} at {LARGE}", f"below half of the patch's spread at {SMALL}, and "
        f"{NOISIER_THAN_PATCH} times that or more at {LARGE}", _seeds(rows),
        list((small < 0.5) & (large >= NOISIER_THAN_PATCH * small)),
        effect=Effect(large / small, (NOISIER_THAN_PATCH, INFINITE), "times"),
    )


def noise_hides_patch(
    images: Sequence[History], patches: Sequence[History], strength: float, experiment: str = "live"
) -> Evidence:
    """Whether some level of activation noise lets images alone be fitted, and patches alone not.

    Args:
        images: runs with images alone among them, at every level of noise.
        patches: runs with patches alone among them, of that strength at the small rate.
    """
    patches = part_alone(where(patches, schedule="small_lr", patch_strength=strength), "patch_only")
    levels = sorted({run.config.schedule.noise for run in patches})
    fitted = {
        kind: np.array([runs_where(found, part, schedule__noise=level).at(f"train_{part}_accuracy")
                        for level in levels])
        for kind, found, part in (("images", images, "clean"), ("patches", patches, "patch_only"))
    }
    apart = (fitted["images"] >= FITTED) & (fitted["patches"] <= CHANCE)
    widest = int((fitted["images"] - fitted["patches"]).mean(1).argmax())
    return Evidence(
        experiment, f"patches of strength {strength:g}, noise {levels[widest]:g}: images fitted to "
        f"{said(fitted['images'][widest])} %, patches to {said(fitted['patches'][widest])} %",
        f"a level with images ≥ {FITTED}, patches ≤ {CHANCE}",
        sorted({run.config.seed for run in patches}), list(apart.any(0)),
        effect=Effect(fitted["images"][widest] - fitted["patches"][widest], (FITTED - CHANCE, INFINITE)),
        part=f"strength {strength:g}",
    )


def large_rate_hides_patch(
    patches: Sequence[History], strength: float, experiment: str = "live"
) -> Evidence:
    """Whether patches alone are fitted at the small rate without noise, and not at the large one."""
    fields = {"patch_strength": strength, "schedule__noise": 0.0}
    small, large = (runs_where(patches, "patch_only", schedule=name, **fields)
                    for name in ("small_lr", "large_lr_constant"))
    ends = [found.at("train_patch_only_accuracy") for found in (small, large)]
    return Evidence(
        experiment, f"patches of strength {strength:g} fitted to {said(ends[0])} % at the small rate, to "
        f"{said(ends[1])} % at the large one", f"small ≥ {FITTED}, large ≤ {CHANCE}", small.seeds,
        list((ends[0] >= FITTED) & (ends[1] <= CHANCE)),
        effect=Effect(ends[0] - ends[1], (FITTED - CHANCE, INFINITE)),
        part=f"strength {strength:g}, no noise",
    )


def noise_turns_order(alone: Sequence[History], experiment: str = "live") -> Evidence:
    """Which of the two, each alone, is half fitted first: without noise, and under it."""
    level = 1.6
    waits = {(part, noise): epochs_until(alone, part, noise)
             for part in ("clean", "patch_only") for noise in (0.0, level)}
    sooner, later = (waits["patch_only", noise] - waits["clean", noise] for noise in (0.0, level))
    return Evidence(
        experiment, "epochs until half are right, without and with noise: " + ", ".join(
            f"{name} {said(waits[part, 0.0])} and {said(waits[part, level])}"
            for name, part in (("images", "clean"), ("patches", "patch_only"))),
        f"patches before images without noise, after them with {level:g}",
        runs_where(alone, "clean", schedule__noise=0.0).seeds,
        list((sooner < 0) & (later > 0)), effect=Effect(np.minimum(-sooner, later), unit="epochs"),
    )


def epochs_until(alone: Sequence[History], part: str, noise: float) -> np.ndarray:
    """Epochs until half of the training examples are right, with one part alone; float (seeds,)."""
    return runs_where(alone, part, schedule__noise=noise).first(f"train_{part}_accuracy")


def noise_table(rows: Sequence[Mapping], epoch: int) -> Table:
    """The noise of pre-activations at each constant rate, over both spreads."""
    rates, examples = by_rate(rows, epoch)
    _, patches = by_rate(rows, epoch, below="patch")
    return Table(("rate", "noise / spread over examples", "noise / spread over patches"), [
        (f"{rate:g}", said(one, 2), said(other, 2))
        for rate, one, other in zip(rates, examples, patches, strict=True)])


def noise_numbers(study: Mapping[str, Sequence[Mapping]]) -> dict[str, str]:
    """What the text quotes of the recorded noise: means over seeds.

    Args:
        study: the result of ``preactivation-noise``.
    """
    rows = study["rates"]
    found = {"std_small": f"{np.mean([row['noise'] for row in _rows(rows, SMALL)]):.2f}",
             "std_large": f"{np.mean([row['noise'] for row in _rows(rows, LARGE)]):.2f}"}
    for epoch in (3, 9, 25):
        growth = _noise(rows, LARGE, epoch) / _noise(rows, SMALL, epoch)
        found[f"growth_{epoch}"] = f"{growth.mean():.1f}"
    for measure in ("window", "successive"):
        growth = _noise(rows, LARGE, EPOCH, above=measure) / _noise(rows, SMALL, EPOCH, above=measure)
        found[f"growth_{measure}"] = f"{growth.mean():.1f}"
    for name, rate, digits in (("small", SMALL, 2), ("large", LARGE, 1)):
        for epoch in (3, 9):
            found[f"rel_{name}_{epoch}"] = f"{_noise(rows, rate, epoch).mean():.2f}"
            found[f"patch_{name}_{epoch}"] = f"{_noise(rows, rate, epoch, below='patch').mean():.{digits}f}"
        neighbours = _noise(rows, rate, EPOCH, above="successive", below="noise")
        found[f"neighbours_{name}"] = f"{neighbours.mean():.2f}"
    sites = [np.mean([np.divide(row["noise"], row["spread"]) for row in _rows(rows, rate)], 0)
             for rate in (SMALL, LARGE)]
    first, *_, last = sites[1] / sites[0]
    along = {name: np.mean([site_mean(row, below="patch") for row in study["courses"][schedule]
                            if row["epoch"] == epoch])
             for name, schedule, epoch in (("before_anneal", "large_lr", 8), ("after_anneal", "large_lr", 9),
                                           ("small_then", "small_lr", 9))}
    return found | {"site_first": f"{first:.1f}", "site_last": f"{last:.1f}"} | {
        name: f"{mean:.2f}" for name, mean in along.items()}


def fitted_numbers(alone: Sequence[History], faint: Sequence[History]) -> dict[str, str]:
    """What the text quotes of runs on one part alone: what is fitted under noise, and how soon."""
    found = {}
    for name, part in (("images", "clean"), ("patches", "patch_only")):
        for noise in (0.8, 1.6, 3.2):
            end = runs_where(alone, part, schedule__noise=noise).at(f"train_{part}_accuracy")
            found[f"{name}_{10 * noise:02.0f}"] = f"{end.mean():.1f}"
        for noise, digits in ((0.0, 0), (0.8, 1), (1.6, 1)):
            wait = f"{epochs_until(alone, part, noise).mean():.{digits}f}"
            found[f"wait_{name}_{f'{10 * noise:02.0f}' if noise else 0}"] = wait
    for label, noise in (("0", 0.0), ("04", 0.4), ("32", 3.2)):
        end = runs_where(alone, "clean", schedule__noise=noise).at("test_clean_accuracy")
        found[f"test_{label}"] = f"{end.mean():.1f}"
    found["faint_images"] = said(runs_where(alone, "clean", schedule__noise=1.6).at("train_clean_accuracy"))
    for name, strength, schedule, noise in (
        ("faint_half", 0.7, "small_lr", 1.6), ("faint_quarter", 0.35, "small_lr", 1.6),
        ("faint_quiet", 0.35, "small_lr", 0.0), ("faint_large", 0.35, "large_lr_constant", 0.0),
        ("half_large", 0.7, "large_lr_constant", 0.0),
    ):
        fields = {"patch_strength": strength, "schedule": schedule, "schedule__noise": noise}
        found[name] = said(runs_where(faint, "patch_only", **fields).at("train_patch_only_accuracy"))
    return found


def mixed_numbers(histories: Sequence[History]) -> dict[str, str]:
    """What the text quotes of the patch experiment: patches read after eight epochs, and at the end."""
    noise, large = (runs_where(histories, schedule=name).at
                    for name in ("small_lr_noise", "large_lr_constant"))
    column = "test_patch_only_accuracy"
    return {"mixed_noise": said(noise(column, 8)), "mixed_large": said(large(column, 8)),
            "mixed_large_end": said(large(column))}


def _rows(rows: Sequence[Mapping], rate: float) -> list[Mapping]:
    return [row for row in rows if (row["rate"], row["epoch"]) == (rate, EPOCH)]


def _noise(
    rows: Sequence[Mapping], rate: float, epoch: int, above: str = "noise", below: str = "spread"
) -> np.ndarray:
    """One measure over another at a rate, averaged over the ReLUs; float (seeds,)."""
    rates, values = by_rate(rows, epoch, above, below)
    return values[rates.index(rate)]


def _seeds(rows: Sequence[Mapping]) -> list[int]:
    return sorted({row["seed"] for row in rows})
