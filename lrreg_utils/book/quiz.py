"""Quizzes: questions with an explanation for each answer, from ``data/quizzes``, shown by jupyterquiz.

An output holds the questions once, as folds that need no JavaScript: an answer opens its explanation.
Where scripts run, jupyterquiz reads them from there and puts its buttons in their place. It gets no MathJax,
because it would load one from outside.
"""

from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from lrreg_utils import console
from lrreg_utils.errors import UserError
from lrreg_utils.files import data_folder
from lrreg_utils.text_files import listed, read_json

PARTS = ("helpers", "multiple_choice", "show_questions")  # of jupyterquiz's scripts
MISSING = "quiz: for buttons, pip install --upgrade jupyterquiz"


def quizzes() -> list[str]:
    """Names of the quizzes that come with the book, one for each chapter."""
    return [path.stem for path in listed(data_folder("quizzes"), "*.json")]


def questions(name: str) -> list[dict]:
    """The questions ``data/quizzes/NAME.json``, in jupyterquiz's form.

    Raises:
        UserError: no such quiz.
    """
    if name not in quizzes():
        raise UserError(f"quiz: there is no quiz {name!r}; there are {', '.join(quizzes())}")
    return read_json(data_folder("quizzes") / f"{name}.json", "quiz")


class Quiz:
    """Questions that a notebook shows: as buttons, or as folds where no script runs."""

    def __init__(self, name: str, script: str) -> None:
        self.name, self.script = name, script
        self.questions = questions(name)

    def __repr__(self) -> str:
        return f"Quiz {self.name}: {len(self.questions)} questions"

    def _repr_html_(self) -> str:
        items = "\n".join(map(_item, self.questions))
        template = Template(Path(__file__).with_name("quiz.html").read_text(encoding="utf-8"))
        filled = template.substitute(name=self.name, jupyterquiz=self.script)
        style, script = filled.split("<!-- script -->\n")
        return (f'<div class="quiz" id="quiz-{self.name}">\n{style}<ol>\n{items}\n</ol>\n'
                f"{script if self.script else ''}</div>")


def quiz(name: str) -> Quiz:
    """The questions of a chapter, to check yourself.

    Args:
        name: the chapter's file without its ending, as ``01_puzzle``.

    Raises:
        UserError: no such quiz.
    """
    try:
        script = _script()
    except (ModuleNotFoundError, FileNotFoundError):  # not installed, or a version with other files
        console.say(MISSING)
        script = ""
    return Quiz(name, script)


def _item(question: dict) -> str:
    answers = "\n".join(
        f'<details{" data-right" if answer["correct"] else ""}><summary>{escape(answer["answer"])}</summary>'
        f'<p><b>{"Right" if answer["correct"] else "Wrong"}.</b> {escape(answer["feedback"])}</p></details>'
        for answer in question["answers"])
    return f'<li><p>{escape(question["question"])}</p>\n{answers}</li>'


def _script() -> str:
    """What jupyterquiz needs for questions with one right answer, without comments and indents."""
    folder = files("jupyterquiz") / "js"
    lines = [line.strip() for part in PARTS
             for line in (folder / f"{part}.js").read_text(encoding="utf-8").splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("//"))
