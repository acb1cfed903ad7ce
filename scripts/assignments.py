"""Build every assignment from its source: ``make assignments``.

A source, ``assignments/sources/NAME.ipynb``, is a notebook in otter-grader's form, with solutions, visible
tests and hidden ones. From it come

    assignments/NAME.ipynb                           what students get: questions and visible tests
    _build/assignments/NAME-autograder.zip           for Gradescope and otter: all tests, and the package
    _build/assignments/NAME-solution.ipynb           for whoever grades by hand

The solution is graded on the way: otter stops where a test fails. With ``--check`` it is not, and nothing is
written into ``assignments``: a notebook that is not up to date is an error.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat
from assignment_source import read
from kernels import encrypt

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "assignments" / "sources"
BUILT = ROOT / "_build" / "assignments"
# The tests of a submission run apart from it, as another user: who must be able to read Python, and no test
SET_UP = "\nchmod a+x /root\n{python} -c 'import matplotlib.pyplot'\n"
RUN = "from lrreg_utils.grading.gradescope import main\n\nmain('/autograder')\n"
PYTHON = "/root/miniforge3/envs/otter-env/bin/python"
DATE = (1980, 1, 1, 0, 0, 0)  # the same files make the same archive
CHECK = "# Check {name}: run this cell after your answer. Other inputs are tested when you hand in."


def main(arguments: list[str]) -> None:
    """Build all sources, or those that are named."""
    encrypt()
    only_check = "--check" in arguments
    named = [name for name in arguments if name != "--check"]
    sources = sorted(SOURCES.glob("*.ipynb"))
    for unknown in set(named) - {source.stem for source in sources}:
        sys.exit(f"error: there is no source assignments/sources/{unknown}.ipynb")
    BUILT.mkdir(parents=True, exist_ok=True)
    wheel = make_wheel()
    stale = []
    if not sources:
        print("no sources of assignments here: only slides and chapters for a class are built")
    for source in sources:
        if named and source.stem not in named:
            continue
        print(f"building {source.stem}", flush=True)
        student = build(source, wheel, grade=not only_check)
        place = ROOT / "assignments" / source.name
        if only_check:
            if not place.exists() or place.read_text(encoding="utf-8") != student:
                stale.append(source.stem)
        else:
            place.write_text(student, encoding="utf-8")
    if stale:
        sys.exit(f"error: not up to date: {', '.join(stale)}; run: make assignments")


def make_wheel() -> Path:
    """Build the package as a wheel, which every autograder takes along."""
    folder = BUILT / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT,
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def build(source: Path, wheel: Path, grade: bool) -> str:
    """Build one assignment, and grade its solution if asked.

    Returns:
        The text of the student's notebook.
    """
    from otter.assign import main as assign

    with tempfile.TemporaryDirectory(prefix="assignment-") as name:
        work = Path(name)
        shutil.copy(source, work)
        shutil.copy(SOURCES / "assignment.yml", work)
        (work / "dist").mkdir()
        shutil.copy(wheel, work / "dist")
        (work / "requirements.txt").write_text(requirements(wheel))
        try:
            assign(str(work / source.name), str(work / "made"), no_pdfs=True, no_run_tests=not grade)
        except RuntimeError as error:
            sys.exit(f"error: {source.stem}: {error}")
        made = work / "made"
        (archive,) = (made / "autograder").glob("*.zip")
        finish(archive, BUILT / f"{source.stem}-autograder.zip")
        shutil.copy(made / "autograder" / source.name, BUILT / f"{source.stem}-solution.ipynb")
        student = nbformat.read(made / "student" / source.name, as_version=4)
    tests = {name: question.visible for name, question in read(source).questions.items() if question.visible}
    return nbformat.writes(with_checks(student, tests)) + "\n"


def requirements(wheel: Path) -> str:
    """What Gradescope installs beside otter: torch without a GPU, and the package as it is now."""
    return ("--extra-index-url https://download.pytorch.org/whl/cpu\n"
            f"lrreg_utils @ file:///autograder/source/files/dist/{wheel.name}\n")


def finish(archive: Path, place: Path) -> None:
    """Copy otter's archive, and let it answer submissions that otter cannot read."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "run_otter.py":
                content = RUN.encode()
            elif name == "setup.sh":
                content += SET_UP.format(python=PYTHON).encode()
            new.writestr(zipfile.ZipInfo(name, DATE), content, zipfile.ZIP_DEFLATED)


def with_checks(notebook: nbformat.NotebookNode, tests: dict[str, list[str]]) -> nbformat.NotebookNode:
    """A student's notebook with a check cell after each answer, and no trace of how it was made."""
    cells = []
    for cell in notebook.cells:
        made = cell.metadata.pop("otter", {})
        cell.metadata = {key: cell.metadata[key] for key in ("tags",) if key in cell.metadata}
        cell.source = "\n".join(line for line in cell.source.splitlines()
                                if line not in ("<!-- BEGIN QUESTION -->", "<!-- END QUESTION -->")).strip()
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if cell.source:
            cell.id = f"cell-{len(cells)}"  # otter draws some at random
            cells.append(cell)
        for name in made.get("tests", ()):
            if name in tests:
                cells.append(nbformat.v4.new_code_cell(check_cell(name, tests[name]), id=f"check-{name}"))
    kept = {key: notebook.metadata[key] for key in ("accelerator", "colab") if key in notebook.metadata}
    return nbformat.v4.new_notebook(cells=cells, metadata={
        **kept, "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"}})


def check_cell(name: str, tests: list[str]) -> str:
    """The cell that runs the visible tests of a question."""
    functions = [line.split("(")[0].removeprefix("def ") for text in tests for line in text.splitlines()
                 if line.startswith("def ")]
    called = f"check(globals(), {', '.join(functions)})"
    return "\n\n\n".join([CHECK.format(name=name.replace("q", "question ")), *tests, called])


if __name__ == "__main__":
    main(sys.argv[1:])
