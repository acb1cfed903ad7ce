"""Verdicts on a page, one line each, which the notebook tests compare."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Protocol


class Checkable(Protocol):
    """What `check` prints of a piece of evidence: `lrreg_utils.claims.evidence.Evidence`."""

    experiment: str
    condition: str
    met: Sequence[bool]
    verdict: str
    counted: str


def check(*evidence: Checkable | Mapping[str, Checkable]) -> None:
    """Print one line for each piece of evidence: experiment, condition, seeds that meet it, verdict.

    A dict of evidence counts as its values.

    The lines hold no measured number, so that they are the same on every machine where the claim holds.
    """
    for one in chain.from_iterable(e.values() if isinstance(e, Mapping) else (e,) for e in evidence):
        print(f"{one.experiment}: {one.condition}: {sum(one.met)} of {len(one.met)} {one.counted}, "
              f"{one.verdict}")
