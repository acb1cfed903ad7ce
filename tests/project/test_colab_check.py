"""The check with Colab's versions: what it installs, and what it takes for a difference."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]


@pytest.fixture
def colab_check(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import colab_check

    return colab_check


@pytest.mark.parametrize("path", sorted((ROOT / "chapters").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_set_up_cell_gets_the_wheel(colab_check, path):
    text = colab_check.installing(path.read_text(encoding="utf-8"), Path("/some/lrreg.whl"))
    source = next(cell.source for cell in nbformat.reads(text, 4).cells if cell.cell_type == "code")
    assert '\n    %pip install -q "lrreg_utils[widget] @ file:///some/lrreg.whl"\n' in source


def test_a_check_that_prints_something_else_is_found(colab_check):
    def notebook(*texts):
        return new_notebook(cells=[
            new_code_cell(metadata={"tags": tags}, outputs=[new_output("stream", name="stdout", text=text)])
            for tags, text in zip(([colab_check.CHECKED], [], [colab_check.CHECKED]), texts, strict=True)])

    assert colab_check.other_checks(notebook("a", "b", "c"), notebook("a", "x", "y")) == [2]


def test_bars_are_no_warnings(colab_check):
    text = "\r 75%|███████▌  | 241/320 [07:06<01:19,  1.00s/epoch]\r\nUserWarning: old\n"
    cell = new_code_cell(outputs=[new_output("stream", name="stderr", text=text)])
    assert colab_check.warned(new_notebook(cells=[cell])) == ["UserWarning: old"]
