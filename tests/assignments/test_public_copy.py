"""The copy for students holds no line that only the sources of assignments have."""

import re
from pathlib import Path

import nbformat
import pytest

from scripts import public

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "assignments" / "sources").glob("*.ipynb"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory, tracked_files):
    if not SOURCES:
        pytest.skip("no sources of assignments here")
    folder = tmp_path_factory.mktemp("students") / "copy"
    public.main([str(folder)])
    return folder


@pytest.fixture(scope="module")
def texts(copy):
    """Each file as text; a notebook's JSON with its quotes as they were written."""
    return {path: path.read_text(encoding="utf-8", errors="replace").replace('\\"', '"').replace("\\\\", "\\")
            for path in copy.rglob("*") if path.is_file()}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem.split("_")[0])
def test_no_file_holds_two_lines_of_an_answer_or_a_hidden_test(source, texts):
    cells = nbformat.read(source, as_version=4).cells
    answers = [block for cell in cells
               for block in re.findall(r"# BEGIN SOLUTION\n(.*?)# END SOLUTION", cell.source, re.DOTALL)]
    hidden = [name for cell in cells if cell.source.startswith("# HIDDEN")
              for name in re.findall(r"^def (\w+)", cell.source, re.MULTILINE)]
    assert answers and hidden
    for path, text in texts.items():
        for block in answers:
            lines = {line.strip() for line in block.splitlines() if len(line.strip()) >= 24}
            assert len([line for line in lines if line in text]) <= 1, path
        assert not [name for name in hidden if f"def {name}(" in text], path


def test_what_needs_the_sources_is_not_there(copy):
    assert not (copy / "assignments" / "sources").exists()
    assert not (copy / "tests" / "assignments").exists()
    assert (copy / "Makefile").exists() and (copy / "tests" / "conftest.py").exists()
    for path in (copy / "tests").rglob("*.py"):
        assert "scripts.assignment_source" not in path.read_text(encoding="utf-8"), path
