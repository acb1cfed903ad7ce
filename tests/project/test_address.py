"""The repository's address stands in a few files; all of them agree with `_config.yml`."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import address

ROOT = Path(__file__).parents[2]
OTHERS = {"github.com/cwein3/large-lr-code"}  # addresses of other projects
COLAB = "colab.research.google.com/github/"


def test_every_file_names_the_same_repository(tracked_files):
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    (ours,) = re.findall(r"url: https://(github\.com/[\w-]+/[\w.-]+)", config)
    site = "{}.github.io/{}".format(*ours.split("/")[1:])
    places = 0
    for path in tracked_files:
        if path.suffix in {".ipynb", ".md", ".yml", ".toml", ".cff"} and path.exists():
            text = path.read_text(encoding="utf-8").replace(COLAB, "github.com/")
            found = set(re.findall(r"github\.com/[\w-]+/[\w.-]*[\w]", text))
            assert found - OTHERS <= {ours}, path
            assert set(re.findall(r"[\w-]+\.github\.io/[\w-]+", text)) <= {site}, path
            places += ours in found
    assert places >= 2  # _config.yml and a chapter's set-up cell


def set_up(address_: str, revision: str = "main") -> str:
    """A line of a notebook's file."""
    return f"    {json.dumps(address.install_line(address_, revision))},\n"


def test_without_an_address_a_notebook_says_what_to_do():
    assert "Install the book first" in set_up("OWNER/lrreg-book") and "git+" not in set_up("OWNER/lrreg-book")
    line = '    %pip install -q "lrreg_utils[widget] @ git+https://github.com/one/book"\n'
    assert json.loads(set_up("one/book").strip(" ,\n")) == line
    assert "git+https://github.com/one/book@v1.0.0" in set_up("one/book", "v1.0.0")


@pytest.mark.parametrize(("old", "before"), [
    ("OWNER/lrreg-book", "main"), ("two/other.book", "main"), ("one/book", "v0.9.0"),
])
def test_an_address_and_a_revision_are_written_in_place_of_others(old, before):
    def text(place: str, revision: str) -> str:
        return (f"{set_up(place, revision)}https://github.com/{place} https://{address.site(place)}/a.html "
                f"https://colab.research.google.com/github/{place}/blob/{revision}/chapters/a.ipynb\n")

    assert address.changed(text(old, before), old, "one/book", before, "v1.0.0") == text("one/book", "v1.0.0")


@pytest.mark.parametrize(("place", "known"), [
    ("OWNER/lrreg-book", False), ("https://github.com/OWNER/lrreg-book/issues", False),
    ("one/book", True), ("https://github.com/one/OWNER.book", True), ("", True),
])
def test_an_address_is_known_once_it_names_an_owner(place, known):
    assert address.is_known(place) == known


def test_buttons_are_shown_once_there_is_an_address():
    hidden = "A\n<!-- once there is an address\n[Colab](https://github.com/OWNER/lrreg-book)\n-->\nB"
    shown = address.changed(hidden, "OWNER/lrreg-book", "one/book", "main", "main")
    assert shown == "A\n[Colab](https://github.com/one/book)\nB"
    assert address.changed(hidden, "OWNER/lrreg-book", "OWNER/lrreg-book", "main", "main") == hidden


def test_each_chapter_has_a_badge_that_waits_for_the_address():
    for path in (ROOT / "chapters").glob("*.ipynb"):
        text, old = path.read_text(encoding="utf-8"), address.current()
        shown = address.changed(text, old, "one/book", address.branch(), "v1.0.0")
        first = "".join(json.loads(shown)["cells"][0]["source"])
        page = f"https://{COLAB}one/book/blob/v1.0.0/chapters/{path.name}"
        assert first.endswith(f"colab-badge.svg)]({page})"), path
        now = "".join(json.loads(text)["cells"][0]["source"])
        assert address.is_known(old) or "<!-- once there is an address [![" in now.splitlines()[-1], path


@pytest.mark.parametrize("asked", ["nonsense", "one/book a/b", "one/book v1 v2", "https://github.com/one/book"])
def test_a_mistaken_address_is_refused_in_one_line(asked):
    command = [sys.executable, ROOT / "scripts" / "address.py", *asked.split()]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("error: say the address")
    assert done.stderr.count("\n") == 1
