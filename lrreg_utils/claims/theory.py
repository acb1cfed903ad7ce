"""What the theory's recorded studies say of its claims. No torch."""

import numpy as np

from lrreg_utils.claims.evidence import RATIO, Evidence, said
from lrreg_utils.results.study import recorded_study


def separation() -> Evidence:
    study = recorded_study("separation")
    ratio, control = (np.array(study["result"][name]) for name in ("ratio", "control_ratio"))
    return Evidence(
        "separation", f"error on P, S over L-S: {said(ratio, 2)}; without Q {said(control, 2)}",
        f"at least {RATIO}, and above the control", study["seeds"],
        list((ratio >= RATIO) & (ratio > control)),
    )


def order() -> Evidence:
    study = recorded_study("separation")
    annealed, linear = study["result"]["L-S"], study["result"]["linear_error"]
    before, after = (np.array(annealed[name]) for name in ("q_only_error_before_anneal", "q_only_error"))
    return Evidence(
        "separation", f"Q-only error of L-S: before annealing {said(before)} %, after {said(after)} %; the "
        f"best linear rule {linear:.1f} %", "no better than linear before, at most 1 % after", study["seeds"],
        list((before >= linear) & (after <= 1)),
    )


def gap_without_noise() -> Evidence:
    study = recorded_study("finite")
    quiet = study["result"]["recipes"]["no injected noise"]
    ratio, before = np.array(quiet["ratio"]), np.array(quiet["L-S"]["q_only_error_before_anneal"])
    return Evidence(
        "finite", f"no noise injected: S over L-S {said(ratio, 2)}; Q-only error before annealing "
        f"{said(before)} %", f"no gap, a ratio below {RATIO}", study["seeds"], list(ratio < RATIO),
    )
