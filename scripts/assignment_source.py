"""Read the source of an assignment: its questions, their answers and their tests."""

from dataclasses import dataclass, field
from pathlib import Path

import nbformat


@dataclass
class Question:
    """One question of a source.

    Attributes:
        name: such as ``q1``.
        answer: source of the cell with the solution; empty for a question that is graded by hand.
        written: the expected answer in words, of a question that is graded by hand.
        cells: sources of its other code cells.
        visible: sources of the tests that a student sees.
        hidden: those of the others.
    """

    name: str
    answer: str = ""
    written: str = ""
    cells: list[str] = field(default_factory=list)
    visible: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


@dataclass
class Source:
    """A source as its parts.

    Attributes:
        cells: sources of all code cells but tests, in order.
        questions: by name.
    """

    cells: list[str]
    questions: dict[str, Question]


def read(path: Path) -> Source:
    """Read a source.

    Raises:
        ValueError: a question with two answer cells.
    """
    source, question, block = Source([], {}), None, ""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "raw":
            question, block = _boundary(cell.source.strip(), source, question)
        elif cell.cell_type == "markdown" and question and block == "SOLUTION":
            question.written += cell.source
        elif cell.cell_type == "code" and block == "TESTS":
            (question.hidden if is_hidden(cell.source) else question.visible).append(cell.source.strip())
        elif cell.cell_type == "code":
            source.cells.append(cell.source)
            if question and block == "SOLUTION":
                if question.answer:
                    raise ValueError(f"{path.name}: {question.name} has two answer cells")
                question.answer = cell.source
            elif question:
                question.cells.append(cell.source)
    return source


def _boundary(text: str, source: Source, question: Question | None) -> tuple[Question | None, str]:
    """The question and the block after a raw cell, which begins or ends one."""
    what = text.splitlines()[0]
    if what == "# BEGIN QUESTION":
        name = next(line.split(":")[1].strip() for line in text.splitlines() if line.startswith("name:"))
        source.questions[name] = question = Question(name)
    elif what == "# END QUESTION":
        question = None
    return question, what.removeprefix("# BEGIN ") if what.startswith("# BEGIN ") else ""


def is_hidden(text: str) -> bool:
    """Whether a test is marked as hidden, in its first line or in its configuration."""
    head = text.split("def ", 1)[0].lower()
    return "# hidden" in head or "hidden: true" in head
