"""Two kinds of patterns: images and patches, each alone; how soon each is fitted, how far each carries."""

from collections.abc import Mapping, Sequence

import numpy as np

from lrreg_utils.claims.evidence import (
    CAPPED,
    CLEARLY,
    FITS_ALL,
    GENERALIZES,
    INFINITE,
    SOON,
    Effect,
    Evidence,
    Runs,
    one_per_seed,
    runs_where,
    said,
)
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import curve, steps_to
from lrreg_utils.results.select import ALONE, by_kind, where
from lrreg_utils.tables import Table

RATES = {"small": "small_lr", "large": "large_lr_constant"}
LEVELS = (80, 90)  # percent of training examples, for the question how soon they are fitted
Tried = Sequence[tuple[Mapping[str, tuple[float, float]], float, float]]


def rules_evidence(tried: Tried) -> dict[str, Evidence]:
    """What linear rules and a ReLU layer read of patches: ``points``, ``sample`` and ``relu``.

    Args:
        tried: for each seed each rule's accuracy and loss on both points of every class, the trained linear
            rule's accuracy on its own sample, and the sample's ceiling.
    """
    points = {name: np.array([rules[name] for rules, _, _ in tried]).T for name in tried[0][0]}
    trained, by_hand = (points[f"linear, {made}"] for made in ("trained", "by hand"))
    relu = points["ReLU, trained"][0]
    sample, ceilings = (np.array([one[place] for one in tried]) for place in (1, 2))
    seeds, off = range(len(tried)), 1e-3  # of rounding
    return {
        "points": Evidence(
            "live, linear rules", f"on the points: trained {said(trained[0])} %, by hand "
            f"{said(by_hand[0])} %",
            f"trained at most {CAPPED} %, by hand {CAPPED} %, no loss below log 10", seeds,
            list((trained[0] <= CAPPED + off) & (abs(by_hand[0] - CAPPED) < off)
                 & (np.minimum(trained[1], by_hand[1]) > np.log(10) - off)),
            {"trained": said(trained[0]), "by_hand": said(by_hand[0])}),
        "sample": Evidence(
            "live, linear rules", f"on its sample {said(sample)} %, ceiling {said(ceilings)} %",
            "on its own sample at most the ceiling", seeds, list(sample <= ceilings + off),
            {"trained": said(sample), "ceilings": said(ceilings),
             "nearest": f"{min(ceilings - sample):.1f}"}, effect=Effect(ceilings - sample)),
        "relu": Evidence("live, ReLU layer, trained", f"on the points {said(relu)} %",
                         f"at least {FITS_ALL} %", seeds, list(relu >= FITS_ALL),
                         effect=Effect(relu, (FITS_ALL, INFINITE), "% of the points")),
    }


def rules_table(tried: Tried) -> Table:
    """Accuracy and loss of each rule on both patches of every class, over seeds (see `rules_evidence`)."""
    return Table(("rule", "accuracy, %", "cross entropy, nats"), [
        (name, *(said(np.array([rules[name][place] for rules, _, _ in tried]), digits)
                 for place, digits in ((0, 1), (1, 2)))) for name in tried[0][0]])


def fixed_examples(measured: Mapping[str, np.ndarray], examples: Sequence[int]) -> Evidence:
    """Accuracy on new patches and digits after training on examples that are drawn once.

    Args:
        measured: float (2, sizes, seeds) by kind and rule; the first of the two is accuracy.
        examples: the sizes.
    """
    def end(kind: str, rule: str, size: int) -> np.ndarray:
        return measured[f"{kind}, {rule}"][0, list(examples).index(size)]

    images, patches = (end(kind, "ReLU layer", 160) for kind in ALONE)
    return Evidence(
        "live, ReLU layer, 160 fixed examples", f"new patches {said(patches)} %, new digits {said(images)} %",
        f"new patches at least {CLEARLY} points above new digits", range(len(images)),
        list(patches - images >= CLEARLY),
        {"patch_160": said(patches), "image_160": said(images),
         "patch_640": said(end("patches", "ReLU layer", 640)),
         "image_640": said(end("images", "ReLU layer", 640)),
         "image_linear": said(end("images", "linear", 640)),
         "patch_linear": said(end("patches", "linear", 640))},
        effect=Effect(patches - images, (CLEARLY, INFINITE)),
    )


def images_lead(histories: Sequence[History], experiment: str) -> Evidence:
    """Whether images are ahead over each of the first two epochs at the large rate."""
    lead = _course(histories, "images", "large") - _course(histories, "patches", "large")
    return Evidence(
        experiment, f"images above patches at the large rate by {said(lead[:, 0])}, then {said(lead[:, 1])} "
        "points", "images ahead over the first two epochs at the large rate",
        _runs(histories, "images", "large").seeds, list(lead[:, :2].min(1) > 0),
        effect=Effect(lead[:, :2].min(1)),
    )


def rate_slows_patches(histories: Sequence[History], experiment: str) -> Evidence:
    """Whether patches take fewer steps than images at the small rate, and more at the large rate."""
    patches, images = _steps(histories, "patches", "small"), _steps(histories, "images", "small")
    slowed = _steps(histories, "patches", "large")
    return Evidence(
        experiment, f"steps to {LEVELS[0]} %: at the small rate patches {said(patches, 0)}, images "
        f"{said(images, 0)}; patches at the large rate {said(slowed, 0)}",
        f"to {LEVELS[0]} % patches before images at the small rate, and later at the large one",
        _runs(histories, "images", "small").seeds, list((patches < images) & (slowed > patches)),
        effect=Effect(np.minimum(images, slowed) - patches, unit="steps"),
    )


def harder_to_fit(histories: Sequence[History], schedule: str, experiment: str = "live") -> Evidence:
    """Epochs until 90 % of 640 training images, and of patches, are right."""
    rate = next(rate for rate, name in RATES.items() if name == schedule)
    found = [runs_where(histories, part, schedule=schedule, train_size=640) for part in ALONE.values()]
    images, patches = (runs.first(f"train_{part}_accuracy", SOON)
                       for runs, part in zip(found, ALONE.values(), strict=True))
    return Evidence(
        experiment, f"{schedule}: epochs until {SOON} % are fitted: images {said(images)}, "
        f"patches {said(patches)}", "patches take longer", found[0].seeds, list(patches > images),
        effect=Effect(patches - images, unit="epochs"), part=f"{rate} rate, to {SOON} %",
    )


def harder_to_generalize(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """Test accuracy after training on a few examples of one kind."""
    images, patches = (runs_where(histories, part, schedule="small_lr", train_size=64)
                       for part in ALONE.values())
    seen = images.at("test_clean_accuracy"), patches.at("test_patch_only_accuracy")
    return Evidence(
        experiment, f"from 64 examples: test accuracy on images {said(seen[0])} %, on patches "
        f"{said(seen[1])} %", f"patches ≥ {GENERALIZES}, images below", images.seeds,
        list((seen[1] >= GENERALIZES) & (seen[0] < GENERALIZES)), effect=Effect(seen[1] - seen[0]),
        part="64 examples, test accuracy",
    )


def recorded_evidence(curves: Sequence[History], experiment: str = "learning-curves") -> list[Evidence]:
    """Everything that the recorded learning curves say."""
    full = where(curves, train_size=640)
    return [rate_slows_patches(full, experiment), images_lead(full, experiment),
            *(harder_to_fit(curves, schedule, experiment) for schedule in RATES.values()),
            harder_to_generalize(curves, experiment)]


def recorded_numbers(curves: Sequence[History]) -> dict[str, str]:
    """What the text quotes of the learning curves, at the small rate, or, ending in ``_large``, at the large.

    ``KIND_SIZE`` is the test accuracy at the end, ``steps_KIND`` the steps to 80 % of the training examples,
    ``first_KIND`` the training accuracy over the first epoch.
    """
    full = where(curves, train_size=640)
    first = _steps(full, "images", "large") < _steps(full, "patches", "large")
    lowest = min(curve(run, "test", "accuracy")[-1] for run in by_kind(curves)["patches", RATES["large"]])
    numbers = {"images_first": f"{sum(first)} of {len(first)}", "lowest_patches": f"{lowest:.1f}"}
    for rate, end in (("small", ""), ("large", "_large")):
        for kind in ALONE:
            numbers |= {f"steps_{kind}{end}": f"{_steps(full, kind, rate).mean():.0f}",
                        f"first_{kind}{end}": said(_course(full, kind, rate)[:, 0])}
            for size in (16, 640):
                runs = _runs(where(curves, train_size=size), kind, rate)
                numbers[f"{kind}_{size}{end}"] = said(runs.at(f"test_{ALONE[kind]}_accuracy"))
    return numbers


def _runs(histories: Sequence[History], kind: str, rate: str) -> Runs:
    return one_per_seed(by_kind(histories)[kind, RATES[rate]])


def _course(histories: Sequence[History], kind: str, rate: str) -> np.ndarray:
    """Training accuracy of the epochs, float (seeds, epochs)."""
    return _runs(histories, kind, rate)[f"train_{ALONE[kind]}_accuracy"]


def _steps(histories: Sequence[History], kind: str, rate: str, level: int = LEVELS[0]) -> np.ndarray:
    return np.array([steps_to(run, level) for run in _runs(histories, kind, rate).runs])
