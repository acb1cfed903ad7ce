"""The pages for a class say what the notebooks, the grader and the Makefile say, and are short."""

import re
from pathlib import Path

import nbformat
import pytest

from lrreg_utils.grading.submission import Limits
from scripts import address
from tests.book.reading import WORDS_A_MINUTE, Page

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "chapters" / "reference"
STUDENTS, TEACH, GRADE = ((REFERENCE / f"{name}.md").read_text(encoding="utf-8")
                          for name in ("assignments", "teaching", "grading"))
NOTEBOOKS = sorted((ROOT / "assignments").glob("*.ipynb"))
COLAB = "](https://colab.research.google.com/github/one/book/blob/main/assignments"


@pytest.mark.parametrize("text", [STUDENTS, TEACH, GRADE], ids=["students", "teach", "grade"])
def test_a_page_is_read_in_six_minutes(text):
    tables = sum(len(line.split()) for line in text.splitlines() if line.startswith("|"))
    assert (Page(text).words + tables) / WORDS_A_MINUTE <= 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_page_says_of_an_assignment_what_its_notebook_says(path):
    """Points and minutes, a download, and a link to Colab that waits for an address."""
    number = path.stem.split("_")[0]
    (row,) = (part for part in STUDENTS.split("\n### ") if part.startswith(f"{number}: "))
    minutes, points = re.search(r"\((\d+) minutes, (\d+) points\)", row).groups()
    assert f'<a href="../../assignments/{path.name}" download>' in row
    first = nbformat.read(path, as_version=4).cells[0].source
    assert re.search(rf"\b{minutes} minutes", first)
    assert any(re.search(rf"\b{points}\b", line) for line in first.splitlines() if "oints" in line)
    shown = address.changed(row, address.current(), "one/book", address.branch(), "main")
    assert f"{COLAB}/{path.name})" in shown
    assert address.is_known(address.current()) or "colab" not in address.HIDDEN.sub("", row)


def test_limits_are_those_of_the_grader():
    limits = Limits()
    told = [int(number) for number in re.findall(r"^\|.*\| (\d+) (?:seconds|MB) \|$", STUDENTS, re.MULTILINE)]
    assert told == [limits.cell, limits.notebook, limits.call, limits.calls, limits.memory // 2**20]


def test_every_command_of_the_pages_is_there():
    """Targets of make, scripts, modules and files."""
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    text = TEACH + GRADE
    assert set(re.findall(r"\bmake (\w+)(?=[ `\n])", text)) - {"this"} <= set(targets)
    for name in re.findall(r"(?:scripts|assignments/slides)/[\w.]+", text):
        assert (ROOT / name).is_file(), name
    for name in re.findall(r"-m (lrreg_utils\.\w+)", text):
        assert (ROOT / name.replace(".", "/") / "__main__.py").is_file(), name
