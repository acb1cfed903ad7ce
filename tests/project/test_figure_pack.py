"""The recorded figures as files: which are taken, and what their names and captions are."""

import zipfile

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from scripts import figure_pack

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36"></svg>'


def drawn(kind: str = "image/svg+xml"):
    return new_code_cell("", outputs=[new_output("display_data", {kind: DRAWING})])


@pytest.fixture
def notebook(tmp_path):
    cells = [
        drawn(), new_markdown_cell("**Figure 1** (live, seed 0)."),
        drawn(), drawn(), new_markdown_cell(
            "**Figure 2.** The *gap* is <!--=gap-->3.1<!--/--> ([why](x.html)). (recorded, ten seeds)"
            "\n\nMore."),
        drawn(), new_markdown_cell("No caption."), new_markdown_cell("**Figure 3.** Lost. (recorded)"),
        drawn("image/png"), new_markdown_cell("**Figure 4.** A photograph. (recorded)"),
    ]
    path = tmp_path / "chapters" / "05_order.ipynb"
    path.parent.mkdir()
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_drawings_of_recorded_runs_are_taken_with_their_captions(notebook):
    caption = "The gap is 3.1 (why). (recorded, ten seeds)"
    assert list(figure_pack.recorded_figures(notebook)) == [
        ("05_order-figure-2a", DRAWING, caption), ("05_order-figure-2b", DRAWING, caption)]


def test_the_pack_has_drawings_captions_and_licence(notebook, tmp_path, monkeypatch):
    monkeypatch.setattr(figure_pack, "CHAPTERS", notebook.parent)
    monkeypatch.setattr(figure_pack, "as_pdf", lambda drawings: [b"%PDF"] * len(drawings))
    assert figure_pack.write_pack(tmp_path / "figures.zip") == 2
    with zipfile.ZipFile(tmp_path / "figures.zip") as pack:
        assert {"README.txt", "LICENSE", "CITATION.cff", "svg/05_order-figure-2a.svg",
                "pdf/05_order-figure-2b.pdf"} <= set(pack.namelist())
        assert "05_order-figure-2a: The gap is 3.1" in pack.read("README.txt").decode()


@pytest.mark.skipif(not any(map(figure_pack.shutil.which, figure_pack.BROWSERS)), reason="no Chromium here")
def test_a_drawing_becomes_one_page():
    (page,) = figure_pack.as_pdf([DRAWING])
    assert page.startswith(b"%PDF") and b"/MediaBox [0 0 72 36]" in page
