"""Copy the repository for students, without solutions and hidden tests: ``make public TO=FOLDER``.

Left out are the sources of assignments and the tests that need them. Then every file of the copy is searched
for what the sources hide; if one holds any of it, there is no copy.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from assignment_source import read

ROOT = Path(__file__).parent.parent
PRIVATE = ("assignments/sources/", "tests/assignments/")
ANSWER = re.compile(r"# BEGIN SOLUTION[^\n]*\n(.*?)# END SOLUTION", re.DOTALL)
TEST = re.compile(r"^def (\w+)", re.MULTILINE)
TELLING = 20  # a shorter line of an answer may stand anywhere
LONG = 40  # a line of prose, or of a test, that stands nowhere by chance


def main(arguments: list[str]) -> None:
    """Write the copy into a new or empty folder."""
    if not arguments or not arguments[0]:
        sys.exit("error: say where: make public TO=FOLDER")
    folder = Path(arguments[0]).resolve()
    if not list((ROOT / "assignments" / "sources").glob("*.ipynb")):
        sys.exit("error: nothing is private here: there are no sources of assignments")
    if folder.is_relative_to(ROOT):
        sys.exit(f"error: {folder} lies in this repository; say a folder beside it")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        sys.exit(f"error: {folder} is not an empty folder; say a new one")
    new = not folder.exists()
    names = public_files()
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    found = list(leaks(folder))
    if found:
        for path in [folder] if new else folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        sys.exit(f"error: no copy was made; {found[0]}")
    print(f"{len(names)} files in {folder}; next, there: git init, git add ., git commit, make address")


def public_files() -> list[str]:
    """The tracked files that students may see."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode:
        sys.exit(f"error: {ROOT} is no git repository, so that it is not known which files belong to it")
    return [name for name in listed.stdout.split("\0")
            if name and not name.startswith(PRIVATE) and (ROOT / name).exists()]


def leaks(folder: Path) -> Iterator[str]:
    """What the files of a folder tell of the sources, a sentence for each."""
    sources = sorted((ROOT / "assignments" / "sources").glob("*.ipynb"))
    secrets = [secret for source in sources for secret in secrets_of(source)]
    names = [(f"{source.stem}, {name}", test) for source in sources
             for name, question in read(source).questions.items()
             for text in question.hidden for test in TEST.findall(text)]
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        lines = lines_of(path)
        text = "\n".join(lines)
        for what, its_lines, least in secrets:
            held = lines & its_lines
            if len(held) >= least or (held and held == its_lines):
                yield f"{path.relative_to(folder)} holds {what}: {sorted(held)[0]}"
        for what, test in names:
            if f"def {test}(" in text:
                yield f"{path.relative_to(folder)} holds the hidden test {test} of {what}"


def secrets_of(source: Path) -> Iterator[tuple[str, set[str], int]]:
    """What a source hides: what it is, its telling lines, and how many of them are no chance."""
    shown = lines_of(ROOT / "assignments" / source.name)
    guide = source.with_suffix(".md")
    if guide.exists():
        yield f"the guide to {source.stem}", telling(guide.read_text(encoding="utf-8"), LONG) - shown, 1
    for name, question in read(source).questions.items():
        what = f"{source.stem}, {name}"
        yield f"the answer to {what}", telling("\n".join(ANSWER.findall(question.answer)), TELLING), 2
        yield f"the answer to {what}", telling(question.written, LONG) - shown, 1
        yield f"a hidden test of {what}", telling("\n".join(question.hidden), LONG) - shown, 2


def telling(text: str, least: int) -> set[str]:
    """The lines of a text that have at least so many letters; what is imported tells nothing."""
    return {line.strip() for line in text.splitlines()
            if len(line.strip()) >= least and not line.strip().startswith(("import ", "from "))}


def lines_of(path: Path) -> set[str]:
    """The lines of a file, without indentation; those of a notebook's cells and outputs."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".ipynb":
        text = "\n".join(strings(json.loads(text)))
    return {line.strip() for line in text.splitlines()}


def strings(value: object) -> Iterator[str]:
    """All texts of a JSON value; a list of lines is one text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and all(isinstance(one, str) for one in value):
        yield "".join(value)
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


if __name__ == "__main__":
    main(sys.argv[1:])
