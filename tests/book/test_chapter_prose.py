"""What the text of a chapter owes to its cells: measured numbers, captions, descriptions, a check.

Reads the stored outputs; nothing is executed (``make notebooks`` does that).
"""

import re
from pathlib import Path

import nbformat
import pytest
from pybtex.database import parse_file

from lrreg_utils.book.quote import MARK, numbers_of

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").rglob("*.ipynb"))

# Decimal numbers that a chapter types though none of its code cells holds them, each with the reason why it
# is no measurement. Measured numbers are not entered here: a cell computes them, and lr.quote hands them on.
TYPED: dict[str, dict[str, str]] = {
    "01_puzzle": {
        "0.3": "setting, the large rate of the central experiment",
        "1.0": "setting, the large rate of puzzle-10k", "0.04": "setting of puzzle-rates",
        **dict.fromkeys(("0.1", "0.01"), "setting of the paper's figure"),
    },
    "02_intuition": {
        "0.016": "setting, the annealed rate of the digits",
        **dict.fromkeys(("0.8", "1.6", "3.2"), "setting, a level of the noise"),
    },
    "03_two_kinds_of_patterns": {
        "0.1": "setting of the authors' code", "1.25": "setting, std of z",
        "1.4": "setting, patch strength of the digits",
        **dict.fromkeys(("0.004", "0.4"), "setting, a rate of learning-curves"),
    },
    "04b_photographs": {
        "0.004": "setting, the small rate of the digits and of the authors",
        "0.15": "setting, the large rate of the photographs", "1.4": "setting, patch strength of the digits",
        "0.01": "setting, the small rate of the photographs",
        "17.1": "size of the authors' network, from shapes",
        **dict.fromkeys(("0.1", "0.4"), "setting of the authors' code"),
        **dict.fromkeys(("0.05", "0.3", "0.016"), "setting, a rate of the experiment"),
    },
    "06_non_convexity": {
        "0.805": "by hand, 1 - 0.195", "0.95": "by hand, 1 - 10 x 0.195",
        "0.9": "by hand, 1 - 10 x 0.01",
        "0.99": "by hand, 1 - 0.01",
    },
    "07_theoretical_setting": {
        "0.05": "setting, angle of the rays", "0.25": "setting, length of the annealed phase",
        "37.5": "setting, ratio of the two rates", "1.2": "setting, most examples per dimension",
        "1.5": "setting, length of S",
    },
    "08_noise_is_the_mechanism": {
        "12.5": "by hand, 0.4/16 over 0.004/2",
        **dict.fromkeys(("1.4", "2.8"), "setting, a patch's strength"),
        **dict.fromkeys(("0.016", "0.3"), "setting, a rate of the hidden layer"),
        **dict.fromkeys(("0.2", "1.6"), "setting, a level of the noise"),
    },
    "10_how_fast": {"1.5": "an answer offered before the result"},
    "settings": dict.fromkeys(("0.01", "0.016", "0.02", "0.04", "0.05", "0.07", "0.3", "0.4", "0.5", "0.7",
                               "0.8", "1.0", "1.25", "1.4", "1.6"), "setting"),
}

NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*\.\d+(?![\w.]*\.\d)")
NO_PROSE = re.compile(
    r"<!--=.*?<!--/-->|```.*?```|\$\$.*?\$\$|\$[^$]+\$|`[^`]+`"  # code, formulas
    r"|\]\([^)]*\)|https?://\S+|(?i:arxiv|doi):\s*\S+"  # addresses
    r"|\b(?:Python|torch|version)\s+\d[\d.]*",
    re.DOTALL,
)
# What was run says so and on how many seeds (or rounds of timing); what follows from formulas says that
ORIGIN = r"\((?:(?:live|recorded)\b[^)]*\b(?:seeds?|rounds)\b|(?:drawn|computed|formulas?)\b)"
CAPTION = re.compile(rf"^\*\*Figure (\d+)(?:\*\* {ORIGIN}|\.\*\*(?:.|\n(?=\S))+?{ORIGIN})", re.MULTILINE)


CITED = re.compile(r"\[([^\]\[]+, \d{4})\]\(([^)]+)\)")


def cited_as(entry) -> str:
    """An entry of the bibliography as the text cites it: ``Li et al., 2019``."""
    first, *others = [" ".join(one.prelast_names + one.last_names) for one in entry.persons["author"]]
    others = f" and {others[0]}" if len(others) == 1 else " et al." if others else ""
    return f"{first}{others}, {entry.fields['year']}"


SOURCES = {(cited_as(entry), entry.fields["url"])
           for entry in parse_file(str(CHAPTERS[0].parents[1] / "references.bib")).entries.values()}


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    notebook = nbformat.read(request.param, as_version=4)
    notebook.stem = request.param.stem
    return notebook


def sources(notebook, kind):
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def outputs(notebook):
    return [(cell, output) for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def typed_numbers(text):
    """Decimal numbers a reader sees in markdown outside of code, formulas and addresses; tables count."""
    return NUMBER.findall(NO_PROSE.sub(" ", text))


def test_numbers_are_found_where_they_are_typed_and_nowhere_else():
    assert typed_numbers("It ends at 74.1 %.\n\n| large | 1,234.5 |") == ["74.1", "1,234.5"]
    assert typed_numbers("(**59.7**, −0.5)") == ["59.7", "0.5"]
    for text in ("`x = 0.5`", "$\\log 2 = 0.69$", "$$\n0.5\n$$", "<!--=gap-->1.5<!--/--> points",
                 "50,000 images", "[text](https://x.org/1.5)", "arXiv:1907.04595", "Python 3.10",
                 "release 1.2.3"):
        assert not typed_numbers(text), text


def test_quoted_numbers_are_those_that_a_cell_printed(chapter):
    quotes = [pair for text in sources(chapter, "markdown") for pair in MARK.findall(text)]
    printed = numbers_of(chapter.cells)
    assert not dict(quotes).keys() - printed.keys(), "quoted, but printed by no cell"
    assert not [pair for pair in quotes if pair not in printed.items()], "make refresh writes them anew"


def test_a_mark_is_not_taken_for_a_block_of_html(chapter):
    """A line that begins with one would lose its other formatting."""
    lines = [line for text in sources(chapter, "markdown") for line in text.splitlines()]
    assert not [line for line in lines if line.lstrip().startswith("<!--=")]


def test_nothing_in_the_text_needs_sphinx(chapter):
    for text in sources(chapter, "markdown"):
        assert not re.findall(r"\{[\w:-]+\}`|```\{|^:::|^\(\w+\)=", text, re.MULTILINE)


def test_citations_are_links_to_sources_of_the_bibliography(chapter):
    cited = {pair for text in sources(chapter, "markdown") for pair in CITED.findall(text)}
    assert cited <= SOURCES
    assert cited or not chapter.stem.startswith("0")


def test_no_measured_number_is_typed(chapter):
    typed = {number for text in sources(chapter, "markdown") for number in typed_numbers(text)}
    settings = set(re.findall(r"\d+\.\d+", "\n".join(sources(chapter, "code"))))
    allowed = TYPED.get(chapter.stem, {})
    assert not typed - settings - set(allowed), "quote it if it is measured; else say in TYPED why it is not"
    assert not set(allowed) - (typed - settings), "entries of TYPED that are not needed"


def test_figures_are_numbered_captioned_and_described(chapter):
    numbers = []
    for index, cell in enumerate(chapter.cells):
        shown = {kind for output in cell.get("outputs", []) for kind in output.get("data", {})}
        if not shown & {"image/svg+xml", "image/png"}:
            continue
        follows = chapter.cells[index + 1]
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        assert len(alt.split()) >= 8, f"{cell.id}: no description"
        if "figure" in cell.metadata.get("tags", []) and "figure" in follows.metadata.get("tags", []):
            continue  # panels of one figure
        below = next(after.source for after in chapter.cells[index:] if after.cell_type == "markdown")
        caption = CAPTION.search(below)
        assert caption, f"{cell.id}: no **Figure N.** Finding. (live|recorded, seeds | drawn | computed)"
        numbers.append(int(caption[1]))
    assert numbers == list(range(1, len(numbers) + 1))


def test_something_is_compared_whenever_the_book_is_tested(chapter):
    assert any(output.get("text", "").strip() or output.get("data") for cell, output in outputs(chapter)
               if "nbval-check-output" in cell.metadata.get("tags", []))
