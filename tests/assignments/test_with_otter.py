"""The built assignments, graded by otter-grader in its own environment, as an instructor does at home."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from scripts.assignment_source import read

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "assignments" / "sources"
BUILT = ROOT / "_build" / "assignments"
NAMES = sorted(path.stem for path in SOURCES.glob("*.ipynb"))
PYTHON = Path(sys.prefix).with_name(".venv-otter") / "bin" / "python"
HOSTILE = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"


def otter(*command, **environment) -> str:
    """Run Python where otter is, on this package."""
    assert PYTHON.exists(), "make .venv-otter/installed"
    done = subprocess.run([PYTHON, *command], cwd=ROOT, capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)} | environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module", autouse=True)
def built():
    """Everything is built once, and what students get is what is committed."""
    otter("scripts/assignments.py", "--check")


def test_a_name_without_a_source_is_one_line():
    done = subprocess.run([PYTHON, "scripts/assignments.py", "A9"], cwd=ROOT, capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: there is no source assignments/sources/A9.ipynb\n"


def points(name: str) -> dict[str, float]:
    """What each question of an assignment is worth."""
    worth = {}
    for cell in nbformat.read(SOURCES / f"{name}.ipynb", as_version=4).cells:
        if cell.cell_type == "raw" and cell.source.startswith("# BEGIN QUESTION"):
            fields = dict(line.split(": ") for line in cell.source.splitlines()[1:])
            worth[fields["name"]] = float(fields["points"])
    return {question: worth[question] for question, its in read(SOURCES / f"{name}.ipynb").questions.items()
            if its.answer}


def graded(name: str, *files: Path) -> list[dict[str, str]]:
    """The lines of the table of points."""
    text = otter("-m", "lrreg_utils.grading", BUILT / f"{name}-autograder.zip", *files)
    lines = list(csv.DictReader(text.splitlines()))
    worth = dict(key.split(" of ") for key in lines[0] if " of " in key)
    assert {question: float(most) for question, most in worth.items() if question != "total"} == points(name)
    return [{key.split(" of ")[0]: value for key, value in line.items()} for line in lines]


@pytest.fixture
def changed(tmp_path):
    """A solution with one thing changed, as a file."""
    def change(name: str, how) -> Path:
        notebook = nbformat.read(BUILT / f"{name}-solution.ipynb", as_version=4)
        how(notebook)
        place = tmp_path / "submission.ipynb"
        nbformat.write(notebook, place)
        return place

    return change


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_gets_all_points_and_the_untouched_notebook_none(name, tmp_path):
    """A file that is no notebook gets a sentence, and costs no other its grade."""
    (tmp_path / "broken.ipynb").write_text("no notebook")
    files = BUILT / f"{name}-solution.ipynb", ROOT / "assignments" / f"{name}.ipynb"
    broken, solution, untouched = graded(name, tmp_path / "broken.ipynb", *files)
    assert float(broken["total"]) == 0
    assert broken["said"].startswith("broken.ipynb is no notebook that can be read")
    assert {question: float(solution[question]) for question in points(name)} == points(name)
    assert solution["said"] == untouched["said"] == "Every cell of the notebook ran."
    assert float(untouched["total"]) == 0


def answer_of(notebook, name: str, question: str) -> nbformat.NotebookNode:
    answer = read(SOURCES / f"{name}.ipynb").questions[question].answer
    function = next(line for line in answer.splitlines() if line.startswith("def "))
    return next(cell for cell in notebook.cells if cell.cell_type == "code" and function in cell.source)


def test_cells_may_be_deleted_duplicated_or_hostile(changed):
    """What is right keeps its points, whatever stands beside it."""
    name = NAMES[0]
    first, *rest = points(name)

    def spoil(notebook):
        answer = answer_of(notebook, name, first)
        answer.source = HOSTILE  # the first answer never ends
        last = answer_of(notebook, name, rest[-1])
        patch = "import builtins; builtins.AssertionError = KeyError"
        notebook.cells.insert(0, nbformat.v4.new_code_cell(patch))
        notebook.cells.append(nbformat.v4.new_code_cell(last.source))  # twice
        notebook.cells.append(nbformat.v4.new_code_cell("print('x' * 2**20); import os; os._exit(0)"))
        notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith("# Check")]
        for cell in notebook.cells:
            cell.metadata.clear()

    (line,) = graded(name, changed(name, spoil))
    assert float(line[first]) == 0
    assert {question: float(line[question]) for question in rest} == {question: points(name)[question]
                                                                       for question in rest}
    assert "took too long and was stopped" in line["said"]
    assert "ended the notebook's process" in line["said"]


def test_on_gradescope(tmp_path, changed):
    """The folders of Gradescope, and the file that it reads."""
    name = NAMES[0]
    for folder in ("source", "submission", "results"):
        (tmp_path / folder).mkdir()
    with zipfile.ZipFile(BUILT / f"{name}-autograder.zip") as archive:
        archive.extractall(tmp_path / "source")
    assert "gradescope" in (tmp_path / "source" / "run_otter.py").read_text()
    (tmp_path / "submission_metadata.json").write_text("{}")

    def spoil(notebook):
        answer_of(notebook, name, next(iter(points(name)))).source = "1 / 0"

    changed(name, spoil).rename(tmp_path / "submission" / "mine.ipynb")
    code = ("import sys; from otter.run.run_autograder import autograder_config; "
            "from lrreg_utils.grading.gradescope import main; main(sys.argv[1])")
    config = tmp_path / "source" / "otter_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"autograder_dir": str(tmp_path)}))
    otter("-c", code, str(tmp_path))
    result = json.loads((tmp_path / "results" / "results.json").read_text())
    scores = {test["name"]: test.get("score") for test in result["tests"]}
    assert "ZeroDivisionError" in result["output"]
    assert scores[next(iter(points(name)))] == 0
    assert sum(score for score in scores.values() if score) == sum(points(name).values()) \
        - points(name)[next(iter(points(name)))]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_a_student_receives_holds_a_solution_or_a_hidden_test(name):
    """Searched for in the whole file, metadata and outputs too."""
    received = (ROOT / "assignments" / f"{name}.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(received, as_version=4)
    shown = "\n".join(cell.source for cell in notebook.cells)
    for its in read(SOURCES / f"{name}.ipynb").questions.values():
        for hidden in its.hidden:
            function = next(line for line in hidden.splitlines() if line.startswith("def "))
            assert function.split("(")[0].removeprefix("def ") not in received
        for line in solution_lines(its.answer):
            assert line not in shown, line
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)
    assert not any(cell.get("outputs") for cell in notebook.cells)


def solution_lines(answer: str) -> list[str]:
    """The lines that a student must write; short ones could stand anywhere."""
    lines, inside = [], False
    for line in answer.splitlines():
        if "# BEGIN SOLUTION" in line or "# END SOLUTION" in line:
            inside = "# BEGIN SOLUTION" in line
        elif inside and len(line.strip()) > 12:
            lines.append(line.strip())
    return lines
