"""Wrong answers lose points where they are wrong and nowhere else, and right ones in another style lose none.

The answers are the table ``assignments/sources/NAME.toml``.
"""

import ast
from functools import cache
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from matplotlib import pyplot

from lrreg_utils.grading.student import Here, Student
from scripts.assignment_source import Question, read

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

SOURCES = Path(__file__).parents[2] / "assignments" / "sources"
NAMES = sorted(path.stem for path in SOURCES.glob("*.ipynb"))
TABLES = {name: tomllib.loads((SOURCES / f"{name}.toml").read_text(encoding="utf-8")) for name in NAMES}


def answers(kind: str) -> list:
    return [pytest.param(name, question, entry, id=f"{name.split('_')[0]}-{question}-{entry['what']}")
            for name in NAMES for question, table in TABLES[name].items() for entry in table[kind]]


def run(code: str, namespace: dict) -> None:
    exec(compile(TransformerManager().transform_cell(code), "<cell>", "exec"), namespace)
    pyplot.close("all")  # as a notebook does after each cell


@cache
def source_of(name: str):
    return read(SOURCES / f"{name}.ipynb")


@cache
def names_of(name: str) -> dict:
    """What the notebook with all solutions defines."""
    namespace = {"__name__": "__main__"}
    for cell in source_of(name).cells:
        run(cell, namespace)
    return namespace


@cache
def checks_of(name: str, question: str) -> list:
    """The tests of a question, visible ones first."""
    found = []
    its = source_of(name).questions[question]
    for text in its.visible + its.hidden:
        namespace: dict = {}
        exec(text, namespace)
        found += [value for key, value in namespace.items() if callable(value) and key != "__builtins__"]
    return found


def failing(name: str, question: str, namespace: dict) -> list[str]:
    """The tests of a question that fail with the names of a notebook, and why."""
    student, found = Student(Here(namespace)), []
    for test in checks_of(name, question):
        try:
            test(student)
        except Exception as error:
            found.append(f"{test.__name__}: {error}")
    return found


def graded(name: str) -> list[str]:
    return [question for question, its in source_of(name).questions.items() if its.answer]


def with_answer(name: str, question: str, entry: dict) -> dict:
    """The names of the notebook in which one answer is another."""
    its: Question = source_of(name).questions[question]
    answer = entry.get("answer")
    if answer is None:
        assert its.answer.count(entry["old"]) == 1, f"{entry['old']!r} stands once in the solution"
        answer = its.answer.replace(entry["old"], entry["new"])
    namespace = dict(names_of(name))
    run(answer, namespace)
    for cell in its.cells:
        run(cell, namespace)
    return namespace


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_passes_every_test(name):
    assert {question: failing(name, question, names_of(name)) for question in graded(name)} \
        == {question: [] for question in graded(name)}


@pytest.mark.parametrize(("name", "question", "entry"), answers("wrong"))
def test_a_wrong_answer_loses_points_there_and_nowhere_else(name, question, entry):
    namespace = with_answer(name, question, entry)
    lost = [other for other in graded(name) if failing(name, other, namespace)]
    assert lost == [question]


@pytest.mark.parametrize(("name", "question", "entry"), answers("right"))
def test_a_right_answer_in_another_style_loses_nothing(name, question, entry):
    namespace = with_answer(name, question, entry)
    assert not any(failing(name, other, namespace) for other in graded(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_question_has_six_wrong_answers_and_three_right_ones(name):
    assert set(TABLES[name]) == set(graded(name))
    for table in TABLES[name].values():
        assert len(table["wrong"]) >= 6
        assert len(table["right"]) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_every_question_has_visible_and_hidden_tests(name):
    for question in graded(name):
        its = source_of(name).questions[question]
        assert its.visible
        assert its.hidden


@pytest.mark.parametrize("name", NAMES)
def test_a_check_of_an_empty_answer_names_what_is_to_be_written(name):
    """Not a helper that only the tests know."""
    for question in graded(name):
        answer = source_of(name).questions[question].answer
        made = [node.name for node in ast.parse(answer).body if isinstance(node, ast.FunctionDef)]
        empty = "".join(f"def {function}(*given, **named):\n    pass\n\n" for function in made)
        said = failing(name, question, with_answer(name, question, {"answer": empty}))
        for test in checks_of(name, question)[:len(source_of(name).questions[question].visible)]:
            why = next(line for line in said if line.startswith(f"{test.__name__}: "))
            assert any(f"`{function}` gives nothing yet" in why for function in made), why


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_needs_the_answer_to_another_question(name):
    """So a wrong answer can cost no other question, in whatever order tests run."""
    source = source_of(name)
    for question in graded(name):
        its = source.questions[question]
        made = {node.name for node in ast.parse(its.answer).body if isinstance(node, ast.FunctionDef)}
        for cell in set(source.cells) - {its.answer, *its.cells}:
            code = TransformerManager().transform_cell(cell)
            used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
            assert not made & used, f"{question}'s {made & used} is used in: {cell[:80]}"
