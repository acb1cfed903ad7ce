"""Execute a notebook in place and keep its outputs: ``python scripts/refresh.py FILE``.

Progress bars (stderr), widgets and execution times are dropped, so that two executions differ only where
a result differs. The numbers that the text quotes are written anew, see `lrreg_utils.book.quote`.
"""

import sys
from pathlib import Path

import nbformat
from kernels import encrypt
from nbclient import NotebookClient

from lrreg_utils.book.quote import fill, numbers_of

WIDGET = "application/vnd.jupyter.widget-view+json"
COLAB = "accelerator", "colab"  # what asks Colab for a GPU

def is_kept(output: dict) -> bool:
    """Whether an output is worth keeping: no progress bar, and no widget, dead without its kernel."""
    return output.get("name") != "stderr" and WIDGET not in output.get("data", {})


def refresh(path: Path) -> None:
    """Run every cell of the notebook at ``path`` afresh and write it back; an error changes nothing."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=3600, resources={"metadata": {"path": path.parent}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if is_kept(output)]
    numbers = numbers_of(notebook.cells)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = fill(cell.source, numbers)
    kept = {key: notebook.metadata[key] for key in COLAB if key in notebook.metadata}
    notebook.metadata = {
        **kept,
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, path)


if __name__ == "__main__":
    encrypt()
    for name in sys.argv[1:]:
        print(f"executing {name}", flush=True)
        refresh(Path(name))
