"""Set-up of a notebook, in a kernel: the device, and one line for what goes wrong."""

import re
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient

from lrreg_utils.book import notebook
from scripts import address

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "chapters").rglob("*.ipynb"))
CELLS = {
    "cpu": "import lrreg_utils as lr\nlr.set_up()",
    "gpu": "lr.set_up(gpu=True)",
    "order": "plots.curves(histories)",
    "interrupt": "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(5)",
    "mistake": "lr.experiment('nothing')",
    "inside": "def use():\n    return nowhere\nuse()",
    "another": "1 / 0",
    "after": "print('alive')",
}


@pytest.fixture(scope="module")
def seen() -> dict[str, str]:
    """What each cell shows: printed lines, or the lines of its error."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    document = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(document, allow_errors=True, timeout=120).execute()
    return {name: "\n".join("\n".join(one["traceback"]) if "traceback" in one else one.get("text", "")
                            for one in cell.outputs).strip()
            for name, cell in zip(CELLS, document.cells, strict=True)}


def test_it_says_what_it_runs_on(seen):
    assert re.fullmatch(r"Runs on (the processor \(\d+ cores?\), which is all .*|a GPU: .*)", seen["cpu"])
    assert re.fullmatch(r"(No GPU here\. In Colab choose Runtime > .*|Runs on a GPU: .*)", seen["gpu"])


def test_what_goes_wrong_is_one_line(seen):
    assert seen["order"] == f"NameError: name 'plots' is not defined. {notebook.RUN_ABOVE}"
    assert seen["interrupt"] == notebook.STOPPED
    assert re.fullmatch(r"UserError: experiment: .nothing. is unknown; [^\n]+", seen["mistake"])
    assert seen["after"] == "alive"


def test_other_errors_keep_their_traceback(seen):
    assert "nowhere" in seen["inside"] and "in use()" in re.sub(r"\x1b\[[\d;]*m", "", seen["inside"])
    assert "ZeroDivisionError" in seen["another"] and seen["another"].count("\n") > 1


@pytest.mark.parametrize(("source", "name", "line"), [
    ("missing", "<cell line: 0>", f"NameError: name 'missing' is not defined. {notebook.RUN_ABOVE}"),
    ("missing", "<module>", f"NameError: name 'missing' is not defined. {notebook.RUN_ABOVE}"),
    ("def use():\n    missing\nuse()", "<cell line: 0>", None),
])
def test_a_cell_is_known_by_whatever_name_its_code_has(source, name, line):  # IPython 7 has its own
    names = {"__name__": "__main__"}
    with pytest.raises(NameError) as caught:
        exec(compile(source, "<cell>", "exec").replace(co_name=name), names)
    trace = caught.tb.tb_next  # a notebook's begins in its cell
    shell = SimpleNamespace(user_ns=names)
    assert notebook._line(shell, NameError, caught.value, trace) == line


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_begins_alike(path):
    source = next(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code")
    head = ("# Run this cell first, and again after a restart.\nimport importlib.util\n\n"
            'if importlib.util.find_spec("lrreg_utils") is None:\n'
            + address.install_line(address.current(), address.branch()))
    assert source.startswith(head) and "\nlr.set_up(" in source
