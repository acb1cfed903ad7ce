"""`make book` finds what `make notebooks` has executed, as if Jupyter Book had executed it itself."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
# Streams around what is displayed, a display that is replaced, a widget, and a result
GOOD = [
    "print('one')\ndisplay('two')\nprint('three')",
    "shown = display('early', display_id=True)\nshown.update('late')",
    "from IPython.display import clear_output\nprint('gone')\nclear_output(wait=True)\nprint('stays')",
    "import ipywidgets\nipywidgets.IntSlider(3)",
    "6 * 7",
]
BAD = ["6 * 7", "1 / 0"]
MODEL = "model_id"


def notebook_of(sources: list[str]):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title"), *cells])


def shown(notebook) -> list:
    """Every output and count; the identifiers of widgets are random."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for content in output.get("data", {}).values():
                if isinstance(content, dict):
                    content.pop(MODEL, None)
    return [(cell.get("execution_count"), cell.get("outputs")) for cell in notebook.cells]


def models(notebook) -> list[str]:
    """Which widgets the notebook holds."""
    (saved,) = notebook.metadata.widgets.values()
    return sorted(state["model_name"] for state in saved["state"].values())


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """A folder in which nbval has executed two notebooks; the second fails."""
    folder = tmp_path_factory.mktemp("book")
    for name, sources in (("good", GOOD), ("bad", BAD)):
        nbformat.write(notebook_of(sources), folder / f"{name}.ipynb")
    plugins = ["-p", "scripts.keep_executed", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, "--nbval-lax", "good.ipynb", "bad.ipynb"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 1 and "1 failed, 6 passed" in done.stdout, done.stdout + done.stderr
    return folder


def kept(folder, name: str):
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    cache = get_cache(folder / "_build" / ".jupyter_cache")
    try:
        return cache.merge_match_into_notebook(notebook)[1]
    finally:
        cache.db.dispose()


def test_outputs_are_those_of_an_execution_by_jupyter_book(checked):
    wanted = nbformat.read(checked / "good.ipynb", as_version=4)
    NotebookClient(wanted, timeout=600, startup_timeout=600).execute()
    found = kept(checked, "good")
    assert found.metadata.language_info == wanted.metadata.language_info
    assert models(found) == models(wanted) != []
    assert shown(found) == shown(wanted)


def test_a_chapter_that_fails_is_executed_again(checked):
    with pytest.raises(KeyError):
        kept(checked, "bad")
