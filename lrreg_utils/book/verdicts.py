"""Verdicts on a page: those of its check, of a group of claims, and the grid of all pages and places."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter

from lrreg_utils.book.titles import TITLES
from lrreg_utils.claims import table
from lrreg_utils.claims.evidence import Evidence, tally
from lrreg_utils.tables import Cell, Fold, Grid, Table

HEAD = "experiment: condition", "effect [95 %]", "met in", "verdict"
ALSO = "Also on this page"


def check(page: str, *others: Evidence | Mapping[str, Evidence]) -> Fold:
    """List the tests that a page's badge counts, claim by claim, and below them what else the page shows.

    No measured number stands there, so that all of it is the same on every machine where the claims hold.

    Args:
        page: one of `lrreg_utils.claims.table.PAGES`.
        others: evidence, or dicts of it; what the badge counts already is not named twice.

    Raises:
        UserError: no such page, or a recording is missing.
    """
    counted = table.of_page(page)
    named = {_what(found) for _, found in counted}
    also = [found for found in _each(others) if _what(found) not in named]
    summary, rows = f"Check: {tally(found for _, found in counted).counts}.", _by_claim(counted, _tested)
    if also:
        summary += f" {ALSO}: {tally(also).counts}."
        rows += [(ALSO,), *map(_tested, also)]
    return Fold(summary, _tests_table(rows))


def judge(*evidence: Evidence | Mapping[str, Evidence]) -> Fold:
    """Count verdicts that no badge counts, and list them; see `check`."""
    found = _each(evidence)
    return Fold(f"Check: {tally(found).counts}.", _tests_table([*map(_tested, found)]))


def claims_table(judged: Sequence[table.Judged], group: str) -> Table:
    """The rows of one group, claim by claim."""
    return Table(HEAD, _by_claim([(claim, found) for one, claim, found in judged if one == group], _measured))


def grid(judged: Sequence[table.Judged]) -> Grid:
    """The tests of the paper's claims by page and place, and how many hold; behind each cell its rows."""
    place_of = {name: place for place, names in table.PLACES.items() for name in names}
    rows = [(table.PAGES[page], [_cell([(claim, found) for claim, found in of_page
                                        if place_of[found.experiment] == place]) for place in table.PLACES])
            for page, of_page in table.by_page(judged).items()]
    of_paper = tally(found for group, _, found in judged if group == "paper")
    return Grid(("page", *table.PLACES), rows, HEAD,
                "How many tests hold, of how many; a test is one claim in one experiment. "
                "A row has the tests that its page's badge counts: those of the page's claims, "
                "but Photographs has every test of the experiments that it introduces. "
                f"In all, {of_paper.counts}.")


def _each(evidence: Iterable[Evidence | Mapping[str, Evidence]]) -> list[Evidence]:
    return list(chain.from_iterable(e.values() if isinstance(e, Mapping) else (e,) for e in evidence))


def _tests_table(rows: Sequence[Sequence[str]]) -> Table:
    return Table(("experiment: condition", "met in", "verdict"), rows)


def _cell(tests: Sequence[tuple[str, Evidence]]) -> Cell | None:
    if not tests:
        return None
    found = tally(one for _, one in tests)
    return Cell(found.disc, found.word, f"{found.held}/{len(tests)}", _by_claim(tests, _measured),
                25 * found.quarters)


def _by_claim(
    tests: Sequence[tuple[str, Evidence]], row: Callable[[Evidence], tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """Below each claim the rows of its tests."""
    return [line for claim, found in groupby(tests, key=itemgetter(0))
            for line in ((claim,), *(row(one) for _, one in found))]


def _tested(found: Evidence) -> tuple[str, ...]:
    return _what(found), found.met_in, found.judged


def _measured(found: Evidence) -> tuple[str, ...]:
    return _what(found), str(found.effect or ""), found.met_in, found.judged


def _what(found: Evidence) -> str:
    name = ", ".join(filter(None, (TITLES.get(found.experiment, found.experiment), found.part)))
    return f"{name}: {found.condition}"
