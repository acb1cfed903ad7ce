"""The repository's address stands in a few files; all of them agree with `_config.yml`."""

import re
from pathlib import Path

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
