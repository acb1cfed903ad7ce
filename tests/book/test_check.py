"""What a page shows for the book's tests to compare, and code as it stands in the package."""

import pytest

from lrreg_utils.book.source import body
from lrreg_utils.book.titles import TITLES
from lrreg_utils.book.verdicts import ALSO, check, judge
from lrreg_utils.claims import table
from lrreg_utils.claims.evidence import Effect, Evidence, tally
from lrreg_utils.errors import UserError


def documented(value):
    """Double.

    Args:
        value: a number.
    """
    return 2 * value


def short(value):
    """Double."""
    return 2 * value


def bare(value):
    return 2 * value


AHEAD = Evidence("live", "8.1 points", "large ahead", [0, 1], [True, False])
LATE = Evidence("hidden", "3 points", "patch late", [0, 1], [True, True], part="large rate")


def test_verdicts_are_counted_and_listed_in_a_fold():
    found = judge({"ahead": AHEAD}, LATE)
    assert found.summary == "Check: 1 of 2 tests hold, 1 partly."
    assert found.table.rows == [("live: large ahead", "1 of 2 seeds", "holds in part"),
                                ("central experiment, large rate: patch late", "2 of 2 seeds", "holds")]
    assert str(found).splitlines()[0] == found.summary and "large ahead  " in str(found)
    html = found._repr_html_()
    assert html.startswith(f'<details class="fold rows"><summary>{found.summary}</summary>')
    assert html.endswith("</details>") and html.count("<tr>") == 3


@pytest.mark.parametrize("page", table.PAGES)
def test_a_check_lists_first_what_the_badge_counts(page):
    tests = table.of_page(page)
    alone, found = check(page), check(page, tests[0][1], {"ahead": AHEAD}, LATE)
    assert table.badge(page).partition(": ")[2] == alone.summary.removeprefix("Check: ").removesuffix(".")
    assert found.summary == f"{alone.summary} {ALSO}: 1 of 2 tests hold, 1 partly."
    assert found.table.rows == [*alone.table.rows, (ALSO,), *judge(AHEAD, LATE).table.rows]
    listed = [row for row in alone.table.rows if len(row) > 1]
    assert len(set(listed)) == len(listed) == len(tests)
    assert [row for row in alone.table.rows if len(row) == 1] == [
        (claim,) for claim in dict.fromkeys(claim for claim, _ in tests)]


def test_every_test_of_the_paper_s_claims_is_on_one_page():
    tests = [(claim, found) for page in table.PAGES for claim, found in table.of_page(page)]
    assert len(tests) == len(table.measure_claims("paper"))
    assert tally(found for _, found in tests).held == sum(table.counted(page).held for page in table.PAGES)
    with pytest.raises(UserError, match="no page 'demo'"):
        check("demo")


def test_every_experiment_has_a_title_of_a_few_words():
    experiments = {found.experiment for *_, found in table.measure_claims()}
    assert experiments <= TITLES.keys() and len(set(TITLES.values())) == len(TITLES)
    assert all(len(title.split()) <= 6 for title in TITLES.values())


def test_a_claim_that_holds_in_every_seed_and_yet_in_part_says_why():
    wide = Evidence("digits", "", "ahead", [0, 1], [True, True], effect=Effect([1.0, 9.0], (2, float("inf"))))
    ((*_, verdict),) = judge(wide).table.rows
    assert verdict == "holds in part: 95 % interval crosses the bound ≥ 2"


def test_code_is_shown_without_its_documentation():
    for function in (documented, short, bare):
        assert body(function) == f"def {function.__name__}(value):\n    return 2 * value\n"
