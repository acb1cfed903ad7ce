"""Grade notebooks at home: ``python -m lrreg_utils.grading AUTOGRADER.zip FILE.ipynb ...``.

Prints comma-separated values, a line for each file; the last column says what went wrong.
"""

import contextlib
import csv
import io
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from lrreg_utils.grading.gradescope import Unreadable, make_readable


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
    questions = questions_of(archive)
    writer = csv.writer(sys.stdout)
    writer.writerow(["file", "total", *questions, "said"])
    for name in files:
        points, said = grade(archive, Path(name))
        by_question = [points.get(question, 0) for question in questions]
        writer.writerow([name, sum(by_question), *by_question, said])
        sys.stdout.flush()
    return 0


def questions_of(archive: str) -> list[str]:
    """The names of the questions that an autograder tests, in order."""
    with zipfile.ZipFile(archive) as file:
        return sorted(Path(name).stem for name in file.namelist() if name.startswith("tests/"))


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
    return points, results.output or ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
