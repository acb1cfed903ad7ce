"""Verdicts on a page: those of its check, of a group of claims, and the grid of all pages and places."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from lrreg_utils.claims import table
from lrreg_utils.claims.evidence import Evidence, tally
from lrreg_utils.tables import Cell, Fold, Grid, Table

HEAD = "claim", "experiment: condition", "effect [95 %]", "met in", "verdict"
COUNTED = ("These are the tests of this page. A chapter's badge counts others: the paper's claims, "
           "over all recordings.")


def check(*evidence: Evidence | Mapping[str, Evidence]) -> Fold:
    """Count verdicts, and list them in a fold: experiment, condition, seeds that meet it, verdict.

    A dict of evidence counts as its values. No measured number stands there, so that all of it is the same on
    every machine where the claims hold.
    """
    found = list(chain.from_iterable(e.values() if isinstance(e, Mapping) else (e,) for e in evidence))
    rows = [(one.experiment, one.condition, f"{sum(one.met)} of {len(one.met)} {one.counted}", one.judged)
            for one in found]
    return Fold(f"Check: {tally(found).counts}",
                Table(("experiment", "condition", "met in", "verdict"), _named_once(rows), notes=[COUNTED]))


def claims_table(judged: Sequence[table.Judged], group: str) -> Table:
    """The rows of one group, each claim named once."""
    return Table(HEAD, _named_once([(claim, *_cells(found)) for one, claim, found in judged if one == group]))


def grid(judged: Sequence[table.Judged]) -> Grid:
    """The paper's claims by page and place, with how many tests hold; behind each cell its rows."""
    place_of = {name: place for place, names in table.PLACES.items() for name in names}
    rows = [(table.PAGES[page], [_cell([(claim, found) for claim, found in of_page
                                        if place_of[found.experiment] == place]) for place in table.PLACES])
            for page, of_page in table.by_page(judged).items()]
    of_paper = tally(found for group, _, found in judged if group == "paper")
    return Grid(("link", *table.PLACES), rows, HEAD,
                "How many tests hold, of how many; a test is one claim in one experiment. "
                f"A disc is filled as far as they hold. In all, {of_paper.counts}.")


def _cell(rows: Sequence[tuple[str, Evidence]]) -> Cell | None:
    if not rows:
        return None
    found = tally(one for _, one in rows)
    return Cell(found.disc, found.word, f"{found.held}/{len(rows)}",
                [(claim, *_cells(one)) for claim, one in rows], 25 * found.quarters)


def _cells(found: Evidence) -> tuple[str, str, str, str]:
    return (f"{found.experiment}: {found.condition}", str(found.effect or ""),
            f"{sum(found.met)} of {len(found.met)}", found.judged)


def _named_once(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rows in which what begins several neighbours stands in the first."""
    named, last = [], None
    for first, *rest in rows:
        named.append(("" if first == last else first, *rest))
        last = first
    return named
