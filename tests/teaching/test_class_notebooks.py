"""Chapters for a class: every exercise is there, no solution is, and the cells that stay need no other."""

import json
import re
import zipfile

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from scripts import class_notebooks
from scripts.cell_names import missing

CHAPTERS = sorted(class_notebooks.CHAPTERS.glob("*.ipynb"))
FOLD = "<details><summary>Solution</summary>\n\n{}\n\n</details>"


def tagged(source: str, *tags: str):
    printed = [new_output("stream", text="printed")]
    return new_code_cell(source, metadata={"tags": list(tags)}, outputs=printed)


def sources(*cells) -> list[str]:
    return [cell.source for cell in class_notebooks.without_solutions(new_notebook(cells=list(cells))).cells]


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return nbformat.read(request.param, as_version=4)


@pytest.fixture
def given(chapter):
    return class_notebooks.without_solutions(chapter)


def solutions(notebook) -> list[str]:
    """Every line of the text, and of the code, of a chapter's solutions; by the letter, not by the script."""
    found, inside = [], False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            texts = cell.source.split("<summary>Solution</summary>")[1:]
            found += [line for text in texts for line in text.split("</details>")[0].splitlines()]
            inside = bool(texts) and cell.source.endswith("</details>")
        elif inside and "hide-cell" in cell.metadata.get("tags", ()):
            found += cell.source.splitlines()
        else:
            inside = False
    return [line.strip() for line in found if len(line.strip()) > 12]


def test_no_line_of_a_solution_is_left(chapter, given):
    text = "\n".join(cell.source for cell in given.cells)
    assert "Solution" not in text
    assert not [line for line in solutions(chapter) if line in text]


def test_every_exercise_is_left_with_room_for_an_answer(chapter, given):
    asked, left = ([line for cell in notebook.cells for line in re.findall(r"\*\*Exercise \d.*", cell.source)]
                   for notebook in (chapter, given))
    assert asked == left
    assert sum(cell.source.count("*Your answer:*") for cell in given.cells) \
        == sum(cell.source.count("<summary>Solution</summary>") for cell in chapter.cells)


def test_nothing_was_computed_yet(given):
    assert all(cell.outputs == [] and cell.execution_count is None
               for cell in given.cells if cell.cell_type == "code")


def test_every_name_is_defined_before_it_is_used(chapter, given):
    """A chapter itself passes, so what is missing would be what was taken out."""
    for notebook in (chapter, given):
        assert missing([cell.source for cell in notebook.cells if cell.cell_type == "code"]) == set()


def test_a_cell_that_needs_a_solution_is_an_error():
    solution = [new_markdown_cell(FOLD.format("So.")), tagged("so = 1", "hide-cell")]
    with pytest.raises(ValueError, match="need so, and none defines it"):
        sources(*solution, new_code_cell("so + 1"))


def test_it_is_a_notebook(given):
    nbformat.validate(json.loads(nbformat.writes(given)))


def test_a_solution_goes_with_its_code_figure_and_numbers():
    assert sources(
        new_markdown_cell("Why? At <!--=rate-->0.4<!--/-->.\n\n" + FOLD.format("Because.")),
        tagged("because = 1", "hide-cell", "figure"), new_markdown_cell("**Figure 2.** Because."),
        tagged("more", "hide-cell"), tagged("kept = 2"), tagged("kept", "hide-cell"),
        tagged("lr.quote(a=because)", "remove-cell"),
    ) == ["Why? At 0.4.\n\n*Your answer:*", "# Your code", "kept = 2", "kept"]


def test_what_is_hidden_elsewhere_stays():
    text = FOLD.format("So.") + "\n\n## Next"
    table = tagged("1", "hide-cell")
    assert sources(new_markdown_cell(text), table) == ["*Your answer:*\n\n## Next", "1"]
    fold = "<details><summary>How sure is this?</summary>\n\nVery.\n\n</details>"
    assert sources(new_markdown_cell(fold), table) == [fold, "1"]


def test_no_badge_leads_to_the_solutions():
    badge = "[![Open in Colab](https://x/badge.svg)](https://colab/a.ipynb)"
    for last in (badge, f"<!-- once there is an address {badge} -->"):
        assert sources(new_markdown_cell(f"# Why?\n\n> card\n\n{last}")) == ["# Why?\n\n> card"]
    assert "colab-badge" not in "".join(class_notebooks.for_a_class().values())


def test_a_cell_that_quotes_and_defines_what_is_used_stays():
    cells = [new_code_cell("import lr"), tagged("x = 1\nlr.quote(a=x)", "remove-cell"), new_code_cell("x")]
    assert sources(*cells) == [cell.source for cell in cells]


def test_the_pack_and_the_folder_hold_every_chapter(tmp_path):
    assert class_notebooks.write_folder(tmp_path / "chapters") == len(CHAPTERS)
    class_notebooks.write_pack(tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        assert set(pack.namelist()) == {"README.txt", "LICENSE", *(path.name for path in CHAPTERS)}
        for path in (tmp_path / "chapters").iterdir():
            assert pack.read(path.name).decode() == path.read_text(encoding="utf-8")
