"""Grade notebooks at home: ``python -m lrreg_utils.grading AUTOGRADER.zip FILE.ipynb ...``.

Prints comma-separated values, a line for each file; the last column says what went wrong.
"""

import contextlib
import csv
import io
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from lrreg_utils.grading.gradescope import Unreadable, make_readable

POINTS = re.compile(r"^points = ([\d.]+)", re.MULTILINE)


def main(arguments: list[str]) -> int:
    """Grade every file of a command line; returns the exit status."""
    if len(arguments) < 2 or not arguments[0].endswith(".zip"):
        print("error: say the autograder and the notebooks: "
              "python -m lrreg_utils.grading NAME-autograder.zip FILE.ipynb ...", file=sys.stderr)
        return 2
    archive, *files = arguments
    for missing in (name for name in arguments if not Path(name).is_file()):
        print(f"error: {missing}: no such file", file=sys.stderr)
        return 2
    worth = points_of(archive)
    writer = csv.writer(sys.stdout)
    of = [f"{name} of {most:g}" for name, most in {"total": sum(worth.values()), **worth}.items()]
    writer.writerow(["file", *of, "said"])
    for name in files:
        points, said = grade(archive, Path(name))
        by_question = [points.get(question, 0) for question in worth]
        writer.writerow([name, round(sum(by_question), 2), *by_question, said])
        sys.stdout.flush()
    return 0


def points_of(archive: str) -> dict[str, float]:
    """What each question that an autograder tests is worth, in order."""
    with zipfile.ZipFile(archive) as file:
        tests = {Path(name).stem: file.read(name).decode() for name in sorted(file.namelist())
                 if name.startswith("tests/")}
    return {name: float(POINTS.search(text)[1]) for name, text in tests.items()}


def grade(archive: str, path: Path) -> tuple[dict[str, float], str]:
    """Grade one notebook.

    Returns:
        Points by question, none for a file that is no notebook, and a sentence for each cell that failed.
    """
    from otter.run import main as otter_run

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        copy = Path(folder) / "submission.ipynb"
        shutil.copy(path, copy)
        try:
            make_readable(copy)
            results = otter_run(str(copy), autograder=archive, output_dir=None, no_logo=True)
        except Unreadable as error:
            return {}, str(error).replace(copy.name, path.name)
        except Exception as error:
            return {}, f"The grader has failed: {type(error).__name__}: {str(error)[:300]}"
    points = {name: round(float(test.score), 2) for name, test in sorted(results.results.items())}
    return points, (results.output or "").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
