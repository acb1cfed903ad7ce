"""The theory: L-S against S, from results of its studies."""

from collections.abc import Mapping, Sequence

import numpy as np

from lrreg_utils.claims.evidence import INFINITE, RATIO, Effect, Evidence, said
from lrreg_utils.tables import Table

STUDIES = ("separation", "flips", "share", "length", "regime", "width")
ERROR = "error of S over L-S"


def evidence(found: Mapping, seeds: Sequence[int], experiment: str = "live") -> dict[str, Evidence]:
    """Everything that one result says of the claims: ``separation``, ``control`` and ``order``.

    Args:
        found: what `lrreg_utils.theory.separation.separate` gives, and ``linear_error`` in percent.
        seeds: its seeds.
    """
    return {"separation": separation(found, seeds, experiment), "control": control(found, seeds, experiment),
            "order": order(found, seeds, experiment)}


def separation(found: Mapping, seeds: Sequence[int], experiment: str = "live") -> Evidence:
    """Error of S over that of L-S on P, with Q and without."""
    without = np.array(found["control_ratio"])
    ratio = np.divide(found["S"]["p_test_error"], found["L-S"]["p_test_error"])
    return Evidence(
        experiment, f"error on P, S over L-S: {said(ratio, 2)}; without Q {said(without, 2)}",
        f"at least {RATIO}, and above the control", seeds, list((ratio >= RATIO) & (ratio > without)),
        {"ratio": f"{ratio.mean():.1f}", "lowest": f"{ratio.min():.2f}"},
        effect=Effect(ratio, (RATIO, INFINITE), "times"), part=ERROR,
    )


def control(found: Mapping, seeds: Sequence[int], experiment: str = "live") -> Evidence:
    """The same where no example shows Q."""
    ratio = np.array(found["control_ratio"])
    return Evidence(
        experiment, f"without Q, error on P, S over L-S: {said(ratio, 2)}",
        f"without Q no gap, a ratio below {RATIO}", seeds, list(ratio < RATIO),
        {"ratio": f"{ratio.mean():.2f}"}, effect=Effect(ratio, (-INFINITE, RATIO), "times"), part=ERROR,
    )


def order(found: Mapping, seeds: Sequence[int], experiment: str = "live") -> Evidence:
    """Error of L-S on inputs that show Q alone, before and after it anneals."""
    annealed, linear = found["L-S"], found["linear_error"]
    before, after = (np.array(annealed[name]) for name in ("q_only_error_before_anneal", "q_only_error"))
    return Evidence(
        experiment, f"Q-only error of L-S: before annealing {said(before)} %, after {said(after)} %; the "
        f"best linear rule {linear:.1f} %", "no better than linear before, at most 1 % after", seeds,
        list((before >= linear) & (after <= 1)), effect=Effect(before - linear), part="error on Q alone",
    )


def gap_without_noise(finite: Mapping, seeds: Sequence[int], experiment: str = "live") -> Evidence:
    """The gap of the network of finite width where no noise is injected."""
    quiet = finite["recipes"]["no injected noise"]
    ratio, before = np.array(quiet["ratio"]), np.array(quiet["L-S"]["q_only_error_before_anneal"])
    return Evidence(
        experiment, f"no noise injected: S over L-S {said(ratio, 2)}; Q-only error before annealing "
        f"{said(before)} %", f"no gap, a ratio below {RATIO}", seeds, list(ratio < RATIO),
        {"ratio": f"{ratio.mean():.1f}"}, effect=Effect(ratio, (-INFINITE, RATIO), "times"),
        part=f"{ERROR}, no noise injected",
    )


def numbers(studies: Mapping[str, Mapping]) -> dict[str, dict[str, str]]:
    """What the page's text quotes besides the evidence.

    Args:
        studies: results by name, of each of `STUDIES`.
    """
    return {"times": times(studies["separation"]), "changed": changed(studies["flips"]),
            "share": ends(studies["share"]), "length": ends(studies["length"]),
            "boundary": boundary(studies["regime"]), "slope": slopes(studies["width"])}


def times(found: Mapping) -> dict[str, str]:
    """The recorded S at other lengths, over the end of L-S: as long as L-S, and stopped at its best."""
    best = np.mean(found["course"]["S"]["x1_half"]["error"][1:], axis=1).min()  # the start says nothing yet
    early = best / np.mean(found["L-S"]["p_test_error"])
    return {"long": said(found["ratio_as_long"], 2), "early": f"{early:.1f}"}


def ends(found: Mapping) -> dict[str, str]:
    """S over L-S at the ``first`` and at the ``last`` value that a study varied."""
    return {name: f"{np.mean(found['rows'][place]['ratio']):.1f}"
            for name, place in (("first", 0), ("last", -1))}


def changed(flips: Mapping) -> dict[str, str]:
    """Neurons whose activation changed in the end, at the ``large`` and at the ``small`` rate."""
    return {rate: f"{100 * np.mean(found['changed'][-1]):.0f} %" for rate, found in flips.items()}


def boundary(regime: Mapping) -> dict[str, str]:
    """The small rate's boundary: measured over predicted at most (``off``), and its ``power`` of lambda."""
    columns = (regime["lam"], regime["measured_r"]["small"], regime["predicted_r"]["small"])
    lam, measured, predicted = np.array([row for row in zip(*columns, strict=True) if row[1]]).T
    power = np.polyfit(np.log(lam), np.log(measured), 1)[0]
    return {"off": f"{(measured / predicted).max():.1f}", "power": f"{power:.2f}"}


def slopes(width: Mapping) -> dict[str, str]:
    """The power of the width with which the distance falls, with ``mirrored`` pairs and ``without``."""
    return {name: f"{width['slope'][kind]:.2f}"
            for name, kind in (("mirrored", "mirrored"), ("without", "not mirrored"))}


def references_table(references: Mapping, found: Mapping) -> Table:
    """From how many examples P was learned: with Q beside it, and from few or all examples without any Q."""
    rows = {"from the P-only examples": references["p_only"],
            "with Q beside it": {name: found[name]["p_test_error"] for name in ("S", "L-S")},
            "from all that show P, no Q": references["all"]}
    return Table(("error on P, %", "S", "L-S"),
                 [(name, said(errors["S"], 2), said(errors["L-S"], 2)) for name, errors in rows.items()])


def finite_table(finite: Mapping) -> Table:
    """The network of finite width under each kind of noise, and the controls without Q."""
    rows = []
    for name, one in finite["recipes"].items():
        rows.append((name, said(one["ratio"], 2), said(one["L-S"]["q_only_error_before_anneal"])))
        if "control_ratio" in one:
            rows.append(("the same without Q", said(one["control_ratio"], 2), ""))
    return Table(("recipe", "S / L-S", "Q-only error before annealing, %"), rows)
