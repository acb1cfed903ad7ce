"""A Sphinx extension: what a class needs beside the pages, as files of the site.

``assignments/NAME.ipynb`` are the assignments, ``class-notebooks.zip`` the chapters without solutions, and
``lecture.html`` the slides.
"""

import shutil
from pathlib import Path

import class_notebooks
import lecture

ASSIGNMENTS = Path(__file__).parent.parent / "assignments"


def write_all(site: Path) -> None:
    (site / "assignments").mkdir(exist_ok=True)
    for notebook in ASSIGNMENTS.glob("*.ipynb"):  # students' notebooks; sources lie deeper
        shutil.copy(notebook, site / "assignments")
    class_notebooks.write_pack(site / "class-notebooks.zip")
    lecture.write(site / "lecture.html")


def complete(app, failure: Exception | None) -> None:
    if failure is None and app.builder.format == "html":
        write_all(Path(app.outdir))


def setup(app) -> dict:
    app.connect("build-finished", complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
