"""What an assignment says of itself at its beginning is so."""

import re

import nbformat
import pytest

from tests.assignments.test_answers import NAMES, SOURCES


def points_of_questions(notebook: nbformat.NotebookNode) -> list[int]:
    """What each question is worth, those that are graded by hand too."""
    return [int(re.search(r"^points: (\d+)$", cell.source, re.MULTILINE)[1]) for cell in notebook.cells
            if cell.cell_type == "raw" and cell.source.startswith("# BEGIN QUESTION")]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.split("_")[0])
def test_the_first_cell_names_the_sum_of_all_points(name):
    notebook = nbformat.read(SOURCES / f"{name}.ipynb", as_version=4)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    named = re.search(r"\bpoints\W+(\d+)|\b(\d+) points\b", first, re.IGNORECASE)
    assert named, "the first cell names the points"
    assert int(named[1] or named[2]) == sum(points_of_questions(notebook))
