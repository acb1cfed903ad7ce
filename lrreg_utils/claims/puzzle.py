"""The puzzle: the small rate leads until the large one is annealed; then the large one wins."""

from collections.abc import Sequence

import numpy as np

from lrreg_utils.claims.evidence import FITS_ALL, INFINITE, Effect, Evidence, said, two_rates
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import after
from lrreg_utils.results.select import by_field

BEFORE = 10  # epochs beside the anneal, over which accuracies are averaged: single epochs swing


def evidence(histories: Sequence[History], experiment: str = "live") -> dict[str, Evidence]:
    """Everything that runs at two rates say of the puzzle: ``jump``, ``lead``, ``win`` and ``fit``."""
    return {"jump": jump_at_anneal(histories, experiment),
            "lead": lead_before_anneal(histories, experiment), "win": ahead_at_end(histories, experiment),
            "fit": both_fit(histories, experiment)}


def lead_before_anneal(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """Lead of the small rate, averaged over the ten epochs before the first anneal."""
    large, small = two_rates(histories)
    anneal = large.runs[0].config.schedule.anneal_epochs[0]
    epochs = range(max(1, anneal - BEFORE), anneal)
    train, test, loss = (small.mean(column, epochs) - large.mean(column, epochs) for column in
                         ("train_clean_accuracy", "test_clean_accuracy", "test_clean_loss"))
    return Evidence(
        experiment, f"small minus large before the anneal: train {said(train)}, test {said(test)} points",
        "before the anneal small ahead on training and test images", large.seeds,
        list((train > 0) & (test > 0)),
        {"train": said(train), "test": said(test), "test_of_large": said(-test), "loss": said(-loss, 2)},
        effect=Effect(np.minimum(train, test)),
    )


def jump_at_anneal(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """Test accuracy of the large rate after its anneal less that before, averaged over ten epochs of each."""
    large, _ = two_rates(histories)
    anneal = large.runs[0].config.schedule.anneal_epochs[0]
    before, later = (large.mean("test_clean_accuracy", epochs) for epochs in
                     (range(max(1, anneal - BEFORE), anneal), range(anneal + 1, anneal + 1 + BEFORE)))
    jump = later - before
    return Evidence(experiment, f"test accuracy jumps by {said(jump)} points at the anneal", "a jump upwards",
                    large.seeds, list(jump > 0), {"by": said(jump)}, effect=Effect(jump))


def ahead_at_end(histories: Sequence[History], experiment: str = "live", by: float = 0) -> Evidence:
    """Lead of the large rate on test images at the end, in accuracy and in cross entropy.

    Args:
        by: points of accuracy that the lead must exceed.
    """
    large, small = two_rates(histories)
    gap = large.at("test_clean_accuracy") - small.at("test_clean_accuracy")
    loss = small.at("test_clean_loss") - large.at("test_clean_loss")
    return Evidence(
        experiment, f"large above small by {said(gap)} points, cross entropy lower by {said(loss, 2)} nats",
        f"large ahead by more than {by} points" if by else "large ahead in accuracy", large.seeds,
        list(gap > by),
        {"gap": said(gap), "loss": said(loss, 2), "loss_of_small": said(-loss, 2)},
        effect=Effect(gap, (by, INFINITE)),
    )


def surer_at_end(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """How much lower the large rate's cross entropy on test images is at the end."""
    large, small = (runs.at("test_clean_loss") for runs in two_rates(histories))
    return Evidence(
        experiment, f"cross entropy on test images: large {said(large, 2)}, small {said(small, 2)}",
        "large lower", two_rates(histories)[0].seeds, list(large < small),
        effect=Effect(small - large, unit="nats"),
    )


def beats_smaller_rates(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """Lead of the largest initial rate over the best of the others in the same seed."""
    rates, ends = by_field(histories, "schedule.initial_lr", after("test_clean_accuracy"))
    lead = ends[-1] - ends[:-1].max(0)
    return Evidence(
        experiment, f"rate {rates[-1]:g} ends at {said(ends[-1])} %, the best smaller one at "
        f"{said(ends[:-1].max(0))} %", "ahead of every smaller rate",
        sorted({run.config.seed for run in histories}), list(lead > 0), effect=Effect(lead),
    )


def both_fit(histories: Sequence[History], experiment: str = "live") -> Evidence:
    """Training accuracy of both rates at the end."""
    large, small = two_rates(histories)
    first, second = (runs.at("train_clean_accuracy") for runs in (large, small))
    return Evidence(
        experiment, f"training images at the end: large {said(first)} %, small {said(second)} %",
        f"both fit {FITS_ALL} % of their training images or more", large.seeds,
        list((first >= FITS_ALL) & (second >= FITS_ALL)),
        {"large": said(first), "small": said(second), "large_misses": said(100 - first)},
        effect=Effect(np.minimum(first, second), (FITS_ALL, INFINITE), "% of training images"),
    )


def ends_by_rate(histories: Sequence[History]) -> dict[str, str]:
    """Test accuracy at the end of a sweep over initial rates: best, largest and smallest rate."""
    rates, ends = by_field(histories, "schedule.initial_lr", after("test_clean_accuracy"))
    best = int(ends.mean(1).argmax())
    return {"best_end": said(ends[best]), "best_rate": f"{rates[best]:g}", "largest_end": said(ends[-1]),
            "smallest_end": said(ends[0])}
