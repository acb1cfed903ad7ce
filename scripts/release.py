"""Make the commits and the tag of a release: ``python scripts/release.py VERSION``.

At the tag each notebook installs the package of that tag; the commit after it goes back to the branch main.
Nothing is pushed. ``--check TAG`` says whether a tag was made so.
"""

import json
import re
import subprocess
import sys

import address

VERSIONED = {  # where the version stands
    "pyproject.toml": r'^version = "(.*)"$',
    "lrreg_utils/__init__.py": r'^__version__ = "(.*)"$',
    "CITATION.cff": r"^version: (.*)$",
}


def git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(address.ROOT), *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: git {arguments[0]}: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    return done.stdout.strip()


def versions() -> set[str]:
    return {re.search(pattern, (address.ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)[1]
            for name, pattern in VERSIONED.items()}


def write_version(version: str) -> None:
    for name, pattern in VERSIONED.items():
        path = address.ROOT / name
        text = path.read_text(encoding="utf-8")
        (start, end), = [found.span(1) for found in re.finditer(pattern, text, re.MULTILINE)]
        path.write_text(text[:start] + version + text[end:], encoding="utf-8")


def unpinned(tag: str) -> list[str]:
    """The notebooks whose set-up cell does not install the package of a tag."""
    line = json.dumps(address.install_line(address.current(), tag))
    notebooks = [path for path in address.tracked_files() if path.suffix == ".ipynb"]
    return [str(path.relative_to(address.ROOT)) for path in notebooks
            if line not in path.read_text(encoding="utf-8")]


def check(tag: str) -> None:
    """Refuse a tag that another version, or another revision of the package, stands under."""
    if versions() != {tag.removeprefix("v")}:
        sys.exit(f"error: {tag} has version {', '.join(sorted(versions()))}; make release VERSION={tag[1:]}")
    if address.branch() != tag or unpinned(tag):
        named = ", ".join(unpinned(tag)) or "_config.yml"
        sys.exit(f"error: at {tag} notebooks do not install {tag}: {named}")


def release(version: str) -> None:
    """Commit the version with pinned notebooks, tag it, and commit the way back."""
    place, tag = address.current(), f"v{version}"
    if not address.is_known(place):
        sys.exit("error: the book has no address yet: make address REPOSITORY=owner/name")
    if git("status", "--porcelain"):
        sys.exit("error: there are changes that are not committed; commit them first")
    if git("tag", "--list", tag):
        sys.exit(f"error: the tag {tag} exists; choose another version")
    write_version(version)
    address.rewrite(place, tag)
    git("commit", "-qam", f"Release {version}")
    git("tag", "-a", tag, "-m", f"Version {version}")
    address.rewrite(place, "main")
    git("commit", "-qam", f"Go on after {version}")
    print(f"tagged {tag}; publish it with: git push origin HEAD {tag}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--check", tag]:
            check(tag)
        case [version] if re.fullmatch(r"\d+\.\d+\.\d+", version):
            release(version)
        case _:
            sys.exit("error: say the version, for example: make release VERSION=0.3.0")
