"""The quizzes: whole questions, one for each chapter, shown alike by every execution."""

import re
import sys
from importlib.resources import files
from pathlib import Path

import nbformat
import pytest

import lrreg_utils as lr
from lrreg_utils.book import quiz

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("0*.ipynb"))


@pytest.fixture(params=quiz.quizzes())
def questions(request) -> list[dict]:
    return quiz.questions(request.param)


def test_every_chapter_has_its_quiz():
    assert quiz.quizzes() == [path.stem for path in CHAPTERS]


def test_a_quiz_has_five_questions_with_one_right_answer_each(questions):
    assert len({one["question"] for one in questions}) == 5
    for one in questions:
        assert one["type"] == "multiple_choice" and one["question"].endswith("?")
        assert 3 <= len(one["answers"]) <= 4
        assert [answer["correct"] for answer in one["answers"]].count(True) == 1
        assert len({answer["answer"] for answer in one["answers"]}) == len(one["answers"])


def test_every_answer_is_explained_in_a_sentence_of_its_own(questions):
    said = [answer["feedback"] for one in questions for answer in one["answers"]]
    assert len(set(said)) == len(said)
    assert all(re.fullmatch(r"[A-Z][^.?!]+\.", text) for text in said)


def test_the_right_answer_has_no_place_of_its_own(questions):
    places = [[answer["correct"] for answer in one["answers"]].index(True) for one in questions]
    assert len(set(places)) >= 3


def test_words_hold_nothing_measured_and_nothing_that_jupyterquiz_rewrites(questions):
    answers = [answer for one in questions for answer in one["answers"]]
    texts = [one["question"] for one in questions]
    texts += [one[part] for one in answers for part in ("answer", "feedback")]
    unwanted = re.compile(r"[$\\<>\[\]%]|\d\.\d|all of the above", re.IGNORECASE)
    assert not [text for text in texts if unwanted.search(text)]


def test_what_is_shown_stands_in_the_text_and_is_always_the_same():
    one = lr.quiz("01_puzzle")
    shown = one._repr_html_()
    assert shown == lr.quiz("01_puzzle")._repr_html_()
    for question in one.questions:
        assert f"<p>{question['question']}</p>" in shown
    assert shown.count("<details data-right>") == 5 and shown.count("id=") == 1
    # jupyterquiz's addresses: it would load MathJax where it sees one, and here it sees none
    assert "https:" not in re.sub(r"'https://cdn\.[^']*'", "", shown)
    assert "(function (MathJax, console) {" in shown and "})(undefined," in shown


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_shows_its_quiz_before_it_ends_in_short(path):
    cells = nbformat.read(path, as_version=4).cells
    at = next(place for place, cell in enumerate(cells) if cell.id == "quiz")
    assert cells[at - 1].source == "## Check yourself" and cells[at + 1].source.startswith("## In short")
    assert cells[at].source == f'lr.quiz("{path.stem}")' and cells[at].metadata["tags"] == ["remove-input"]
    (output,) = cells[at].outputs
    plain = output["data"]["text/html"].partition("<script>")[0]
    assert plain == lr.quiz(path.stem)._repr_html_().partition("<script>")[0], "make refresh"


def test_identifiers_differ():
    shown = [lr.quiz(name)._repr_html_() for name in quiz.quizzes()]
    assert len({re.search('id="([^"]+)"', html)[1] for html in shown}) == len(shown)


@pytest.mark.parametrize("lacking", ["the package", "a file"])
def test_without_jupyterquiz_one_line_says_so_and_the_folds_stay(monkeypatch, capsys, tmp_path, lacking):
    if lacking == "a file":
        monkeypatch.setattr(quiz, "files", lambda name: tmp_path)
    else:
        monkeypatch.setitem(sys.modules, "jupyterquiz", None)
    shown = lr.quiz("01_puzzle")._repr_html_()
    assert capsys.readouterr().out == f"{quiz.MISSING}\n"
    assert "<script>" not in shown and shown.count("<summary>") > 14


def test_the_files_of_jupyterquiz_are_there():
    assert all((files("jupyterquiz") / "js" / f"{part}.js").is_file() for part in quiz.PARTS)


def test_an_unknown_quiz_is_named():
    with pytest.raises(lr.UserError, match="no quiz 'x'; there are 01_puzzle, 02_intuition"):
        lr.quiz("x")
