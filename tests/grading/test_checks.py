"""What a student reads below an answer, and what a submission that cannot be graded gets."""

import json

import nbformat
import numpy as np
import pytest

from lrreg_utils.grading import gradescope
from lrreg_utils.grading.__main__ import main as grade_at_home
from lrreg_utils.grading.checks import check


def two_is_doubled(student):
    """Two is doubled."""
    if student.double(2) != 4:  # pytest would add to what an assertion says
        raise AssertionError("2 doubled is 4")


def the_list_stays(student):
    """The list that you get stays as it was."""
    numbers = [1, 2]
    student.double(numbers)
    assert numbers == [1, 2]


def said(capsys, double, *tests):
    check({"double": double} if double else {}, *(tests or [two_is_doubled]))
    return capsys.readouterr().out


def test_a_right_answer(capsys):
    assert said(capsys, lambda x: 2 * x) == (
        "✓ Two is doubled.\nAll visible tests pass. Other inputs are tested when you hand in.\n")


@pytest.mark.parametrize(("double", "why"), [
    (lambda x: 3 * x, "2 doubled is 4"),
    (lambda x: ..., "`double` gives nothing yet: replace the dots by your answer"),
    (lambda x: 1 / 0, "`double` ends with ZeroDivisionError: division by zero"),
    (lambda: 4, "`double` ends with TypeError: "),
    (4, "TypeError: 'int' object is not callable"),
    (None, "`double` is not defined: run the cell with your answer"),
    (lambda x: np.array([4, 4]), "ValueError: The truth value of an array"),
])
def test_a_wrong_answer_is_two_lines(capsys, double, why):
    found = said(capsys, double)
    assert found.startswith(f"✗ Two is doubled.\n    {why}")
    assert found.count("\n") == 2


def test_every_test_is_run(capsys):
    found = said(capsys, lambda x: x.append(3) or x, two_is_doubled, the_list_stays)
    assert found.splitlines()[0] == "✗ Two is doubled."
    assert found.splitlines()[-1] == "✓ The list that you get stays as it was."


@pytest.fixture
def handed_in(tmp_path):
    """Grade files as Gradescope does, and read what it shows."""
    (tmp_path / "results").mkdir()
    (tmp_path / "submission").mkdir()

    def grade(**files):
        for name, content in files.items():
            (tmp_path / "submission" / name.replace("_", ".")).write_bytes(content)
        gradescope.main(str(tmp_path))
        return json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))

    return grade


NOTEBOOK = nbformat.writes(nbformat.v4.new_notebook()).encode()


@pytest.mark.parametrize(("files", "why"), [
    ({}, "You have handed in no notebook. Hand in one file, the .ipynb itself."),
    ({"a_py": b"x = 1"}, "You have handed in no notebook."),
    ({"a_ipynb": NOTEBOOK, "b_ipynb": NOTEBOOK}, "You have handed in 2 notebooks."),
    ({"a_ipynb": b"%PDF-1.4"}, "a.ipynb is no notebook that can be read (NotJSONError). Download it again"),
    ({"a_ipynb": b"{}"}, "a.ipynb is no notebook that can be read"),
    ({"a_ipynb": b"\x00" * 100}, "a.ipynb is no notebook that can be read"),
    ({"a_ipynb": b"[" * 10**5}, "a.ipynb is no notebook that can be read"),
    ({"a_ipynb": b" " * (gradescope.MOST_BYTES + 1)}, "a.ipynb has more than 20 MB. Clear its outputs"),
])
def test_what_is_no_notebook_gets_no_points_and_a_sentence(handed_in, files, why):
    result = handed_in(**files)
    assert result["score"] == 0
    assert result["output"].startswith(why)
    assert result["tests"][0]["output"] == result["output"]


def test_a_grader_that_fails_does_not_blame_the_student(handed_in, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "otter.run.run_autograder", None)
    assert handed_in(a_ipynb=NOTEBOOK)["output"].startswith("The grader has failed; this is not your fault.")


@pytest.mark.parametrize("arguments", [[], ["a.zip"], ["a.ipynb", "b.ipynb"], ["none.zip", "none.ipynb"]])
def test_a_command_that_cannot_work_is_one_line(arguments, capsys):
    assert grade_at_home(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
