"""Runs a submission apart from otter-grader's tests: `Apart` is the plugin that an assignment names."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat

from lrreg_utils.grading.kernels import encrypt
from lrreg_utils.grading.student import Student
from lrreg_utils.grading.submission import Limits, Submission

OPEN = """\
from lrreg_utils.grading.plugin import open_student
student = open_student({path!r})
"""


class Apart:
    """Replaces a submission by one cell: it starts the notebook in another process and names it ``student``.

    Otter then runs its tests where none of the student's code has run.

    Args:
        path: of the submission, as otter gives it to every plugin; so are the metadata of Gradescope.
        config: fields of `Limits`, and ``imports``.
    """

    def __init__(self, path: str | None, metadata: dict[str, Any], config: dict[str, Any] | None) -> None:
        self._config = config or {}

    def before_grading(self, config: Any) -> None:
        """Keep the tests from other users; the submission is one of them where that can be."""
        if os.geteuid() == 0:
            os.chmod(config.autograder_dir, 0o700)

    def before_execution(self, submission: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Put the notebook's code aside, and return a notebook that opens it."""
        encrypt()
        cells = [cell.source for cell in submission.cells if cell.cell_type == "code"]
        handle, self._path = tempfile.mkstemp(suffix=".json", prefix="cells-")
        with open(handle, "w", encoding="utf-8") as file:
            json.dump({"cells": cells} | self._config, file)
        opener = nbformat.v4.new_code_cell(OPEN.format(path=self._path))
        return nbformat.v4.new_notebook(cells=[opener], metadata=submission.metadata)

    def after_grading(self, results: Any) -> None:
        """Tell the student which cells failed."""
        written = json.loads(Path(self._path).read_text(encoding="utf-8"))
        Path(self._path).unlink()
        problems = written.get("problems", ["The notebook could not be started."])
        results.set_output("\n".join(problems or ["Every cell of the notebook ran."]))


def open_student(path: str) -> Student:
    """Start the notebook that `Apart` has put aside in a file, and write there what went wrong."""
    orders = json.loads(Path(path).read_text(encoding="utf-8"))
    cells, imports = orders.pop("cells"), tuple(orders.pop("imports", ()))
    submission = Submission(cells, Limits(**orders), imports)
    Path(path).write_text(json.dumps({"problems": submission.problems}), encoding="utf-8")
    return Student(submission)
