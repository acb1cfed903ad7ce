"""The copy for students, made of a small repository: nothing private is in it, and it never overwrites."""

import json
import os
import subprocess

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_raw_cell

from scripts import public

SOLUTION = """def total(values):
    # BEGIN SOLUTION
    weights = [value for value in values]
    return sum(weights) + len(weights) - len(weights)
    # END SOLUTION
"""
HIDDEN = """# HIDDEN
def many_values_add_up(student):
    assert student.total([1, 2]) == 3, "one and two are three"
"""
GUIDE = "**Full (2).** It names the weights, and says why their sum stays."
LINES = [line.strip() for line in SOLUTION.splitlines()[2:4]]


@pytest.fixture
def repository(tmp_path, monkeypatch):
    root = tmp_path / "book"
    cells = [new_raw_cell("# BEGIN QUESTION\nname: q1"), new_raw_cell("# BEGIN SOLUTION"),
             new_code_cell(SOLUTION), new_raw_cell("# END SOLUTION"), new_raw_cell("# BEGIN TESTS"),
             new_code_cell(HIDDEN), new_raw_cell("# END TESTS"), new_raw_cell("# END QUESTION")]
    files = {"README.md": "weights = [value for value in values]\n", "run.sh": "#!/bin/sh\n",
             "tests/test_other.py": "", "tests/assignments/test_answers.py": "",
             "assignments/A1_toy.ipynb": "{}", "assignments/sources/A1_toy.toml": "",
             "assignments/sources/A1_toy.md": GUIDE,
             "assignments/sources/A1_toy.ipynb": nbformat.writes(new_notebook(cells=cells))}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "run.sh").chmod(0o755)
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", "-C", root, *command], check=True)
    (root / "untracked.txt").write_text("a draft", encoding="utf-8")
    monkeypatch.setattr(public, "ROOT", root)
    return root


def said(*arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        public.main([*arguments])
    (line,) = str(stopped.value).splitlines()
    assert line.startswith("error: ")
    return line


def test_tracked_files_are_copied_but_what_is_private(repository, tmp_path, capsys):
    public.main([str(tmp_path / "deep" / "copy")])
    copy = tmp_path / "deep" / "copy"
    files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert files == {"README.md", "run.sh", "tests/test_other.py", "assignments/A1_toy.ipynb"}
    assert os.access(copy / "run.sh", os.X_OK)
    assert capsys.readouterr().out.startswith(f"4 files in {copy}")


def test_an_empty_folder_is_filled_and_another_refused(repository, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    public.main([str(copy)])
    before = sorted(copy.rglob("*"))
    assert "not an empty folder" in said(str(copy)) and sorted(copy.rglob("*")) == before
    assert "not an empty folder" in said(str(copy / "README.md"))


def test_one_line_says_what_is_wrong(repository, tmp_path):
    assert "make public TO=FOLDER" in said("") == said()
    assert "lies in this repository" in said(str(repository / "copy"))
    (repository / "assignments/sources/A1_toy.ipynb").unlink()
    assert "nothing is private here" in said(str(tmp_path / "copy"))


def test_without_git_nothing_is_copied(repository, tmp_path):
    (repository / ".git").rename(tmp_path / "git")
    assert "no git repository" in said(str(tmp_path / "copy")) and not (tmp_path / "copy").exists()


def notebook(*lines: str) -> str:
    return json.dumps({"cells": [{"source": [f"    {line}\n" for line in lines], "outputs": []}]})


@pytest.mark.parametrize("name, text, what", [
    ("README.md", "\n  ".join(LINES), "README.md holds the answer to A1_toy, q1"),
    ("assignments/A1_toy.ipynb", notebook(*LINES), "A1_toy.ipynb holds the answer to A1_toy, q1"),
    ("tests/test_other.py", HIDDEN, "holds a hidden test of A1_toy, q1"),
    ("assignments/A1_toy.ipynb", notebook("def many_values_add_up(student):"), "holds the hidden test"),
    ("README.md", HIDDEN.splitlines()[2], "README.md holds a hidden test of A1_toy, q1"),
    ("README.md", GUIDE, "README.md holds the guide to A1_toy"),
])
def test_a_file_that_holds_an_answer_or_a_hidden_test_stops_it(repository, tmp_path, name, text, what):
    (repository / name).write_text(text, encoding="utf-8")
    assert what in said(str(tmp_path / "copy")) and not (tmp_path / "copy").exists()
    (tmp_path / "there").mkdir()
    assert what in said(str(tmp_path / "there")) and not list((tmp_path / "there").iterdir())
