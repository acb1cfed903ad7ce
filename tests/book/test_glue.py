"""A number that a cell hands to the text of its page."""

import nbformat
import pytest
from nbclient import NotebookClient

from lrreg_utils import glue


def test_a_value_is_printed_and_kept_in_the_form_that_the_book_reads():
    code = "from lrreg_utils import glue; glue(gap='3.5 points')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook).execute()
    printed, kept = notebook.cells[0].outputs
    assert printed.text == "gap = 3.5 points\n"
    prefix = "application/papermill.record/"
    assert kept.data == {f"{prefix}text/plain": "3.5 points"}
    assert kept.metadata["scrapbook"] == {"name": "gap", "mime_prefix": prefix}


def test_a_bare_number_is_refused_before_anything_is_printed(capsys):
    with pytest.raises(TypeError, match="gap must be text"):
        glue(first="1", gap=3.5123)
    assert not capsys.readouterr().out
