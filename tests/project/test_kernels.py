"""A notebook's kernel is started over an encrypted connection, and has nothing to warn of."""

import subprocess
import sys
from pathlib import Path

EXECUTE = """
import nbformat
from nbclient import NotebookClient
from scripts.kernels import encrypt

encrypt()
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("6 * 7")])
NotebookClient(notebook, timeout=600, startup_timeout=600).execute()
print(notebook.cells[0].outputs[0]["data"]["text/plain"])
"""


def test_a_notebook_is_executed_without_a_warning():
    done = subprocess.run([sys.executable, "-c", EXECUTE], cwd=Path(__file__).parents[2],
                          capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "42"
    assert "encryption" not in done.stderr
