"""Write the chapters for a class, with their exercises and without solutions: ``make assignments``.

Also a command: ``python scripts/class_notebooks.py FOLDER``. A solution is a fold of that name and the cells
tagged ``hide-cell`` below it. Outputs are left out, too: the class makes them.
"""

import re
import sys
import zipfile
from pathlib import Path

import nbformat
from cell_names import missing, names
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).parent.parent
CHAPTERS = ROOT / "chapters"
SOLUTION = re.compile(r"<details>\s*<summary>Solution</summary>.*?</details>", re.DOTALL)
MARK = re.compile(r"<!--(?:=\w+|/)-->")  # around a quoted number
# It opens the chapter, with its solutions; a comment until the repository has an address
BADGE = re.compile(r"\s*(?:<!-- once there is an address\s+)?"
                   r"\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)(?:\s+-->)?")
ANSWER, CODE = "*Your answer:*", "# Your code"
NOTE = """Chapters of "A large initial learning rate, to run" for a class: exercises
without solutions, cells without outputs.

MIT licence: use and change them as you like, and keep this note with them.

"""


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def without_solutions(notebook: NotebookNode) -> NotebookNode:
    """A chapter as a class gets it.

    Raises:
        ValueError: a cell that stays needs what only a solution defines.
    """
    cells: list[NotebookNode] = []
    in_solution = False
    for cell in notebook.cells:
        if cell.cell_type == "code":
            in_solution = in_solution and "hide-cell" in tags(cell)
            if in_solution:
                cells += [new_code_cell(CODE, id=cell.id)] if cells[-1].source != CODE else []
                continue
            cell = NotebookNode(cell, outputs=[], execution_count=None)
        elif in_solution and cell.source.startswith("**Figure "):  # of a solution's code
            continue
        elif cell.cell_type == "markdown":
            in_solution = bool(re.search(rf"(?:{SOLUTION.pattern})\s*\Z", cell.source, re.DOTALL))
            cell = NotebookNode(cell, source=MARK.sub("", BADGE.sub("", SOLUTION.sub(ANSWER, cell.source))))
        cells.append(cell)
    cells = without_quotes(cells)
    if lost := missing([cell.source for cell in cells if cell.cell_type == "code"]):
        raise ValueError(f"cells outside solutions need {', '.join(sorted(lost))}, and none defines it")
    return NotebookNode(notebook, cells=cells)


def without_quotes(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Drop the cells that only give numbers to the text, those of solutions among them."""
    kept: list[NotebookNode] = []
    for cell in reversed(cells):
        needed = {name for later in kept if later.cell_type == "code" for name in names(later.source)[1]}
        quotes = "lr.quote(" in cell.source and "remove-cell" in tags(cell)
        if not quotes or names(cell.source)[0] & needed:
            kept.insert(0, cell)
    return kept


def for_a_class() -> dict[str, str]:
    """The notebooks' texts by the names of their files."""
    return {path.name: nbformat.writes(without_solutions(nbformat.read(path, as_version=4))) + "\n"
            for path in sorted(CHAPTERS.glob("*.ipynb"))}


def write_pack(file: Path) -> None:
    """Write all of them into a ZIP archive."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("README.txt", NOTE)
        pack.write(ROOT / "LICENSE", "LICENSE")
        for name, text in for_a_class().items():
            pack.writestr(name, text)


def write_folder(folder: Path) -> int:
    """Write all of them into a folder, and give their number."""
    folder.mkdir(parents=True, exist_ok=True)
    made = for_a_class()
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    return len(made)


if __name__ == "__main__":
    print(f"{write_folder(Path(sys.argv[1]))} notebooks without solutions in {sys.argv[1]}")
