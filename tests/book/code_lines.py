"""What the code of the chapters is about, counted in lines: ``python tests/book/code_lines.py``.

Every statement of a cell is one of four kinds. Set-up: imports, installation, style, reading a recording.
Bookkeeping: it selects, averages, prints, formats, quotes or checks what was measured. Figure: it draws.
Idea: everything else, which is what a reader came for.
"""

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import nbformat

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
KINDS = ("set-up", "bookkeeping", "figure", "idea")
PRINTING = {"print", "display", "quote", "check", "spread", "Table", "table", "format", "round"}
MEASURING = {"at", "where", "by_field", "over_two", "part_alone", "of_schedule", "measure_claims",
             "bars", "finite_table", "overlap_table", "time_table"}
SETUP = {"find_spec", "recorded", "recorded_study", "tracked_runs"}
DRAWING = re.compile(r"\b(figures|plots|plt|\w+_plots)\.|\b(plot|draw)_(?!patterns|groups)\w+\(|\bsubplots\(")


def kind_of(statement: ast.stmt, source: str) -> str:
    """The kind of one statement. A function that formats or prints is bookkeeping as a whole."""
    called = {node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
              for node in ast.walk(statement) if isinstance(node, ast.Call)}
    formats = any(isinstance(node, ast.FormattedValue) and node.format_spec for node in ast.walk(statement))
    if called & (PRINTING | MEASURING) or formats or "claims." in source:
        return "bookkeeping"
    if isinstance(statement, ast.Import | ast.ImportFrom) or called & SETUP:
        return "set-up"
    return "figure" if DRAWING.search(source) else "idea"


def lines_of(path: Path) -> Counter:
    """Lines of code by kind in one chapter; blank lines and comments do not count."""
    counted: Counter = Counter()
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        source = re.sub(r"^(\s*)%.*$", r"\1find_spec()", cell.source, flags=re.MULTILINE)
        for statement in ast.parse(source).body:
            text = ast.get_source_segment(source, statement)
            lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
            counted[kind_of(statement, text)] += len(lines)
    return counted


def shares(counted: Counter) -> str:
    total = sum(counted.values())
    return ", ".join(f"{kind} {100 * counted[kind] / total:.0f} %" for kind in KINDS) + f" of {total} lines"


if __name__ == "__main__":
    everything: Counter = Counter()
    for chapter in [path for path in CHAPTERS if not sys.argv[1:] or path.stem[:2] in sys.argv[1:]]:
        everything += (counted := lines_of(chapter))
        print(f"{chapter.stem:28s} {shares(counted)}")
    print(f"{'all':28s} {shares(everything)}")
