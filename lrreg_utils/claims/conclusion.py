"""What recorded runs and studies say of rival explanations."""

from collections.abc import Mapping, Sequence

import numpy as np

from lrreg_utils.claims import cifar_demo
from lrreg_utils.claims.evidence import (
    AHEAD,
    ALIKE,
    NEAR_BEST,
    VERDICTS,
    Effect,
    Evidence,
    runs_where,
    said,
    two_rates,
)
from lrreg_utils.results.history import History
from lrreg_utils.results.measures import after, recovered
from lrreg_utils.results.recording import recorded
from lrreg_utils.results.select import RESET, WITH_PATCH, by_field, of_mixture, where
from lrreg_utils.tables import Table, spread

IMAGE, LOSS, PATCH = "test_clean_accuracy", "test_clean_loss", "test_patch_only_accuracy"


def flatter(found: Mapping, seeds: Sequence[int], experiment: str) -> Evidence:
    """Sharpness of each rate at the end of the patch experiment, from the study ``curvature``."""
    large, small = (np.array(found[name]["sharpness"][1]) for name in ("large_lr", "small_lr"))
    return Evidence(
        experiment, f"sharpness at the end: large {said(large)}, small {said(small)}",
        "the large rate's below the small one's", seeds, list(large < small),
        effect=Effect(small - large, unit="in sharpness"),
    )


def matched_by_time(
    fainter: Sequence[History], histories: Sequence[History], experiment: str = "live"
) -> Evidence:
    """The large rate's lead over a small rate that recognizes a fainter patch just as late.

    Args:
        fainter: the small rate with patches of several strengths; the one is taken whose half is recognized
            at nearly the same epochs as that of the large rate's own patch (never: after the last epoch).
        histories: the central experiment.
    """
    seeds = {run.config.seed for run in fainter}
    large, small = two_rates([run for run in of_mixture(histories, WITH_PATCH) if run.config.seed in seeds])
    strengths = {run.config.patch_strength for run in fainter}
    groups = {strength: runs_where(fainter, patch_strength=strength) for strength in strengths}
    strength = min(groups, key=lambda one: np.abs(groups[one].first(PATCH) - large.first(PATCH)).mean())
    matched = groups[strength]
    lead = large.at(IMAGE) - matched.at(IMAGE)
    share = Effect(recovered(matched.at(IMAGE), small.at(IMAGE), large.at(IMAGE)), unit="of the lead")
    return Evidence(
        experiment, f"small rate with strength {strength:g}, matched in time: {said(matched.at(IMAGE))} % of "
        f"images, large rate {said(large.at(IMAGE))} %", f"within {AHEAD} points of each other", large.seeds,
        list(abs(lead) <= AHEAD),
        {"strength": f"{strength:g}", "small": said(matched.at(IMAGE)), "large": said(large.at(IMAGE)),
         "at": said(matched.first(PATCH), 0), "large_at": said(large.first(PATCH), 0), "share": str(share),
         "left": str(Effect(lead))},
        effect=Effect(lead, (-ALIKE, ALIKE)),
    )


def numbers(judged: Sequence[tuple[str, str, Evidence]]) -> dict:
    """What the conclusion's text quotes.

    Args:
        judged: all claims, as `table.measure_claims` gives them.
    """
    runs, verdicts = recorded("hidden"), [found.verdict for group, _, found in judged if group == "paper"]
    length = next(found for _, _, found in judged
                  if found.experiment == "hidden-lengths" and found.condition.startswith(RESET))
    central = cifar_demo.mechanism(runs)
    return {
        "central": central, "learned": cifar_demo.images_never_learned(runs),
        "length_mean": f"{length.effect.mean:.2f}", "length": str(length.effect),
        "noise": str(central["noise"].effect), "paper_rows": str(len(verdicts)),
        **{f"paper_{name}": str(verdicts.count(verdict))
           for name, verdict in zip(("hold", "in_part", "not"), VERDICTS, strict=True)},
    }


def curvature_table(study: Mapping) -> Table:
    """Sharpness and active units of each schedule, before the anneal and at the end."""
    return Table(("schedule", "measure", "before", "at the end"), [
        (name, measure, spread(before), spread(end))
        for name, one in study["result"].items() for measure, (before, end) in one.items()])


def anneal_table(histories: Sequence[History]) -> Table:
    """Clean test accuracy at the end for each anneal epoch, and which are near the best."""
    epochs, ends, near = _near_best(histories, "schedule.anneal_epochs")
    return Table(("annealed at epoch", "clean test %", f"within {NEAR_BEST} points of the best"), [
        (str(epoch), said(end), "yes" if close else "no")
        for (epoch,), end, close in zip(epochs, ends, near, strict=True)])


def rate_table(histories: Sequence[History]) -> Table:
    """For each strength of the patch the best initial rate, and the rates near it."""
    rows = []
    for strength in sorted({run.config.patch_strength for run in histories}):
        rates, ends, near = _near_best(where(histories, patch_strength=strength), "schedule.initial_lr")
        best = int(ends.mean(1).argmax())
        rows.append((f"{strength:g}", f"{rates[best]:g}", said(ends[best]),
                     ", ".join(f"{rate:g}" for rate, close in zip(rates, near, strict=True) if close)))
    return Table(("patch strength", "best rate", "clean test %", f"rates within {NEAR_BEST} points"), rows)


def _near_best(histories: Sequence[History], field: str) -> tuple[list, np.ndarray, np.ndarray]:
    """Values of a field, clean test accuracy (values, seeds), whether its mean is near the best (values,)."""
    values, ends = by_field(histories, field, after(IMAGE))
    means = ends.mean(1)
    return values, ends, means >= means.max() - NEAR_BEST


def ahead_and_less_sure(histories: Sequence[History], experiment: str) -> Evidence:
    """Whether the large rate ends ahead in accuracy and behind in cross entropy on clean test images."""
    large, small = two_rates(histories)
    ahead, behind = large.at(IMAGE) > small.at(IMAGE), large.at(LOSS) > small.at(LOSS)
    return Evidence(experiment, "", "large ahead in accuracy and behind in cross entropy", large.seeds,
                    list(ahead & behind))
