"""What a page shows for the book's tests to compare, and code as it stands in the package."""

from lrreg_utils.book.source import body
from lrreg_utils.book.verdicts import check
from lrreg_utils.claims.evidence import Effect, Evidence


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


def test_a_check_counts_verdicts_and_lists_them_in_a_fold():
    found = check({"ahead": Evidence("digits", "8.1 points", "large ahead", [0, 1], [True, False])},
                  Evidence("digits", "3 points", "patch late", [0, 1], [True, True]))
    assert found.summary == "Check: 1 of 2 tests hold, 1 partly"
    assert found.table.rows == [("digits", "large ahead", "1 of 2 seeds", "holds in part"),
                                ("", "patch late", "2 of 2 seeds", "holds")]
    assert str(found).splitlines()[0] == found.summary and "large ahead  1 of 2 seeds" in str(found)
    html = found._repr_html_()
    assert html.startswith(f'<details class="fold rows"><summary>{found.summary}</summary>')
    assert html.endswith("</details>") and html.count("<tr>") == 3


def test_a_claim_that_holds_in_every_seed_and_yet_in_part_says_why():
    wide = Evidence("digits", "", "ahead", [0, 1], [True, True], effect=Effect([1.0, 9.0], (2, float("inf"))))
    ((*_, verdict),) = check(wide).table.rows
    assert verdict == "holds in part: 95 % interval crosses the bound ≥ 2"


def test_code_is_shown_without_its_documentation():
    for function in (documented, short, bare):
        assert body(function) == f"def {function.__name__}(value):\n    return 2 * value\n"
