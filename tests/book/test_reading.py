"""What a chapter owes to its reader: a short page with a card, captioned figures, answered predictions."""

import re

import nbformat
import pytest

from tests.book.reading import CHAPTERS, Page, count, read

BADGE = re.compile(r"(● holds|[◔◑◕] in part|○ not here): \d+ of \d+ tests hold(, \d+ partly)?(, \d+ not)?")
CARD = re.compile(
    r"# (?P<title>.+)\n+"
    r"> \*\*The paper\.\*\* (?P<claim>(?:.|\n> (?=\S))+)\n>\n"
    r"> \*\*(?:<!--=\w+-->(?P<badge>.+?)<!--/-->|This book\.)\*\* (?P<finding>(?:.|\n> (?=\S))+)\n>\n"
    r"> (?P<minutes>\d+) min to read · [^·\n]+ · read first: \S.*")
PICTURES = {"image/svg+xml", "image/png"}
CAPTION = re.compile(r"\*\*Figure (\d+)\.\*\* (?:.|\n(?=\S))+?"
                     r"\((?:(?:live|recorded)\b[^()]*\b(?:seeds?|rounds)\b|drawn|computed|formula)[^()]*\)"
                     r"\.?\s*(?:\n\n|$)")
PREDICTION = re.compile(r"^\*\*Predict\.\*\*[^\n]*(?:\n\S[^\n]*)*\n\n(?P<options>(?:- .*\n?)+)"
                        r"(?P<rest>(?:.|\n)*?)(?=^\*\*Predict\.\*\*|\Z)", re.MULTILINE)
ANSWER = re.compile(r"^\*\*Answer:\s*(.*?)\.\*\*", re.MULTILINE)


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def page(path) -> Page:
    return read(path)


@pytest.fixture
def cells(path) -> list:
    return nbformat.read(path, as_version=4).cells


def tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def answers(text: str) -> list[tuple[list[str], list[str]]]:
    """The options and the answers of each prediction; there should be one answer."""
    return [([line[2:].strip() for line in found["options"].splitlines()], ANSWER.findall(found["rest"]))
            for found in PREDICTION.finditer(text)]


def test_code_tables_formulas_and_solutions_are_no_words_of_a_page():
    page = Page("# Two words\n\nIt ends at <!--=x-->1.5<!--/--> of $a + b$, see [a page](https://x.org/a).\n\n"
                "| a | table |\n|---|---|\n\n```\ncode here\n```\n\n$$\na = b\n$$\n\n"
                "<details><summary>Solution</summary>\n\nFour words not counted.\n\n</details>\n\n"
                "<details><summary>How sure is this?</summary>\n\nThree more words.\n\n</details>")
    assert page.main_words == 2 + 9
    assert page.words == 2 + 9 + 3
    assert page.minutes == 1


def test_the_longest_paragraph_is_found_among_lists_and_quotes():
    page = Page("> A quote of some words.\n\n- one item of a list\n- two\n\nA short\nparagraph.\n\nShort.")
    assert page.longest == "A short paragraph." and count(page.longest) == 3


def test_hedges_and_spreads_count_outside_folds_only():
    page = Page("It may be 3 ± 1 and 4 ± 1. Maybe not. Between, [3.1, 4.2] in [these runs](x), with "
                "these settings.\n\n<details><summary>Sure?</summary>\n\nIt may be ± 2.\n\n</details>")
    assert page.hedges == ["may", "with these settings"]
    assert page.spreads == [2, 1]


def test_options_and_answers_are_read():
    text = ("**Predict.** Which one?\nOr none?\n\n- a\n- b\n\nText.\n\n**Answer: b.** So.\n\n"
            "**Predict.** And now?\n\n- c\n- d\n\nText.")
    assert answers(text) == [(["a", "b"], ["b"]), (["c", "d"], [])]


def test_a_card_and_a_caption_are_read():
    card = CARD.match("# Does it?\n\n> **The paper.** It does.\n>\n> **<!--=badge-->● holds<!--/-->** It\n"
                      "> ends ahead.\n>\n> 7 min to read · 1 min to run · read first: nothing")
    assert card["title"] == "Does it?" and card["badge"] == "● holds" and card["minutes"] == "7"
    assert CAPTION.match("**Figure 3.** It wins.\n(recorded, ten seeds, mean and range)\n\nText.")[1] == "3"
    assert not CAPTION.match("**Figure 3.** It wins.\n\nText (recorded, ten seeds).")


def test_the_book_has_at_most_13000_words():
    assert sum(read(path).words for path in CHAPTERS) <= 13_000


def test_a_page_takes_at_most_nine_minutes(page):
    assert page.minutes <= 9, f"{page.main_words} words outside folds"


def test_paragraphs_are_short(page):
    assert count(page.longest) <= 90, page.longest


def test_ranges_are_few_outside_folds(page):
    assert sum(page.spreads) <= 8 and max(page.spreads, default=0) <= 1


def test_page_begins_with_its_card(page, path):
    card = CARD.match(page.text)
    assert card, "no card, or one of its parts is missing"
    assert BADGE.fullmatch(card["badge"] or "") or path.stem.startswith("09")  # which has all claims
    assert count(card["claim"]) <= 30 and count(card["finding"]) <= 30
    assert page.minutes <= int(card["minutes"]) <= page.minutes_with_folds


def test_title_is_a_short_question(page):
    title = page.text.splitlines()[0].removeprefix("# ")
    assert len(title) <= 45 and title.endswith("?")


def test_the_page_s_picture_comes_before_the_argument(cells):
    """Below the card and the set-up."""
    first = next(cell for cell in cells[1:] if "hide-input" not in tags(cell))
    assert "figure" in tags(first) or not any("figure" in tags(cell) for cell in cells)


def test_an_answer_is_one_of_the_options(page):
    asked = answers(page.text)
    assert len(asked) == page.text.count("**Predict.**") <= 3
    assert all(len(given) == 1 and given[0] in options for options, given in asked)


def test_every_picture_is_a_panel_of_a_figure_with_caption_and_description(cells):
    numbers = []
    for index, cell in enumerate(cells):
        shown = {kind for output in cell.get("outputs", []) for kind in output.get("data", {})}
        if shown & PICTURES:
            assert "figure" in tags(cell), cell.source
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt.split()) >= 8, f"no description: {cell.source}"
        if "figure" in tags(cell) and "figure" not in tags(cells[index + 1]):
            caption = CAPTION.match(cells[index + 1].source)
            assert caption, f"no caption below {cell.source}"
            numbers.append(int(caption[1]))
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_page_ends_in_short(page):
    assert "\n## In short\n" in page.text
