"""Grades the submission of one student on Gradescope; whatever it is, there is a grade and a sentence."""

import contextlib
import io
import json
from pathlib import Path

import nbformat

MOST_BYTES = 20 * 2**20


class Unreadable(ValueError):
    """A file that is no notebook, in words for the student."""


def main(folder: str = "/autograder") -> None:
    """Grade what lies in ``folder/submission``, and write ``folder/results/results.json``.

    It raises nothing: a submission that cannot be graded gets no points and the reason.
    """
    root = Path(folder)
    place = root / "results" / "results.json"
    try:
        make_readable(the_notebook(root / "submission"))
        from otter.run.run_autograder import main as grade

        grade(folder)
        json.loads(place.read_text(encoding="utf-8"))
    except Unreadable as error:
        give_nothing(place, str(error))
    except BaseException as error:
        give_nothing(place, "The grader has failed; this is not your fault. Tell your instructor: "
                            f"{type(error).__name__}: {str(error)[:300]}")


def the_notebook(folder: Path) -> Path:
    """The only notebook that was handed in.

    Raises:
        Unreadable: there is none, or more than one.
    """
    found = sorted(folder.glob("*.ipynb"))
    if len(found) != 1:
        count = f"{len(found)} notebooks" if found else "no notebook"
        raise Unreadable(f"You have handed in {count}. Hand in one file, the .ipynb itself.")
    return found[0]


def make_readable(path: Path) -> None:
    """Rewrite a notebook without its outputs, which no test reads.

    Raises:
        Unreadable: it is too large, or no notebook.
    """
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(f"{path.name} has more than {MOST_BYTES // 2**20} MB. "
                         "Clear its outputs and hand it in again.")
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            notebook = nbformat.read(path, as_version=4)
            codes = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
            cells = [nbformat.v4.new_code_cell(code) for code in codes]
            nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    except Exception as error:
        raise Unreadable(f"{path.name} is no notebook that can be read ({type(error).__name__}). "
                         "Download it again as .ipynb, see that it opens, and hand that file in.") from error


def give_nothing(place: Path, why: str) -> None:
    """Write a result without points that says why."""
    place.parent.mkdir(exist_ok=True)
    tests = [{"name": "Your submission was not graded", "score": 0, "max_score": 0, "output": why,
              "visibility": "visible", "status": "failed"}]
    place.write_text(json.dumps({"score": 0, "output": why, "tests": tests}), encoding="utf-8")
