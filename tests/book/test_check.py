"""What a page shows for the book's tests to compare, and code as it stands in the package."""

from lrreg_utils.book.check import check
from lrreg_utils.book.source import body
from lrreg_utils.claims.evidence import Evidence


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


def test_a_check_says_in_how_many_seeds_a_condition_holds(capsys):
    check(Evidence("digits", "8.1 points", "large ahead", [0, 1], [True, False]))
    assert capsys.readouterr().out == "digits: large ahead: 1 of 2 seeds, holds in part\n"


def test_code_is_shown_without_its_documentation():
    for function in (documented, short, bare):
        assert body(function) == f"def {function.__name__}(value):\n    return 2 * value\n"
