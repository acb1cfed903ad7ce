"""The notebook for a GPU, with training switched on and small settings in place of its own."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "chapters" / "13_cifar10_on_a_gpu.ipynb"
SMALL = 'lr.experiment("digits").with_(epochs=2, train_size=160)'
CHANGES = {
    'train_here = choose_device().type == "cuda"': "train_here = True",
    'lr.fetch("cifar10")': "pass",
    'lr.experiment("photographs")': SMALL,
    'lr.experiment("paper")': SMALL,
    "at_full_size = False": "at_full_size = True",
    'device="cuda", ': "",
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    notebook = nbformat.read(NOTEBOOK, 4)
    for old, new in CHANGES.items():
        assert any(old in cell.source for cell in notebook.cells), old
        for cell in notebook.cells:
            cell.source = cell.source.replace(old, new)
    folder = tmp_path_factory.mktemp("gpu")
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute()
    return notebook, folder


def test_it_trains_draws_and_compares(executed):
    notebook, _ = executed
    texts = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("image/svg+xml" in data for data in texts)
    assert any("inert patch" in data.get("text/plain", "") for data in texts)
    printed = [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ())]
    assert not any("Nothing is trained here" in text for text in printed)


def test_the_runs_of_full_size_are_kept_in_the_folder(executed):
    assert len(list((executed[1] / "runs").glob("*.json"))) == 2


def test_it_alone_asks_colab_for_a_gpu():
    for path in NOTEBOOK.parent.rglob("*.ipynb"):
        asks = nbformat.read(path, 4).metadata.get("accelerator") == "GPU"
        assert asks == (path == NOTEBOOK), path
