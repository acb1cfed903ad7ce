"""Put the sites of earlier releases below a new one: ``python scripts/earlier_sites.py FOLDER``.

Each release keeps its site as ``site.tar.gz``; it is unpacked into ``FOLDER/versions/TAG``. GitHub's command
``gh`` finds and fetches them.
"""

import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

NAME = "site.tar.gz"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Earlier versions</title>
<h1>Earlier versions</h1><ul>{items}</ul><p><a href="../">The newest</a></p></html>
"""


def gh(*arguments: str) -> str:
    return subprocess.run(["gh", *arguments], check=True, capture_output=True, text=True).stdout


def tags() -> list[str]:
    """The releases that have a site, newest first."""
    listed = json.loads(gh("release", "list", "--limit", "100", "--json", "tagName"))
    return [name for release in listed if NAME in assets(name := release["tagName"])]


def assets(tag: str) -> list[str]:
    """The names of a release's files."""
    return [one["name"] for one in json.loads(gh("release", "view", tag, "--json", "assets"))["assets"]]


def put_below(folder: Path) -> None:
    """Unpack every earlier site, and list them on a page."""
    versions = folder / "versions"
    found = tags()
    for tag in found:
        with tempfile.TemporaryDirectory() as place:
            gh("release", "download", tag, "--pattern", NAME, "--dir", place)
            with tarfile.open(Path(place) / NAME) as packed:
                packed.extractall(versions / tag, filter="data")
        print(f"versions/{tag}")
    versions.mkdir(exist_ok=True)
    items = "".join(f'<li><a href="{tag}/">{tag}</a></li>' for tag in found)
    (versions / "index.html").write_text(PAGE.format(items=items), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("error: say the folder of the new site, for example: python scripts/earlier_sites.py _site")
    put_below(Path(sys.argv[1]))
