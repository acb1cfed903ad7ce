"""Verdicts on a page, one line each, which the notebook tests compare."""

from collections.abc import Mapping
from itertools import chain

from lrreg_utils.claims.evidence import Evidence


def check(*evidence: Evidence | Mapping[str, Evidence]) -> None:
    """Print one line for each piece of evidence: experiment, condition, seeds that meet it, verdict.

    A dict of evidence counts as its values.

    The lines hold no measured number, so that they are the same on every machine where the claim holds.
    """
    for one in chain.from_iterable(e.values() if isinstance(e, Mapping) else (e,) for e in evidence):
        print(f"{one.experiment}: {one.condition}: {sum(one.met)} of {len(one.met)} {one.counted}, "
              f"{one.verdict}")
