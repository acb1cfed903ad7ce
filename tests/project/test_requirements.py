"""What is asked for: lower bounds that Colab's versions meet, so that an installation replaces none."""

import re
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINES = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
REQUIREMENTS = [Requirement(line) for line in LINES if re.match(r"\w", line)]
PAIR = {"torch", "torchvision"}
# Colab as of August 2026
COLAB = {
    "anywidget": "0.9.21",
    "filelock": "3.20.0",
    "ipykernel": "6.17.1",
    "ipython": "7.34.0",
    "ipywidgets": "7.7.1",
    "joblib": "1.2.0",  # at least: what scikit-learn 1.6.1 asks for
    "matplotlib": "3.10.0",
    "numpy": "2.1.3",
    "pillow": "11.3.0",
    "requests": "2.32.4",
    "scikit-learn": "1.6.1",
    "scipy": "1.16.3",
    "torch": "2.11.0",
    "torchvision": "0.26.0",
    "tqdm": "4.67.1",
}
LACKING = {"jupyterquiz"}  # in Colab; it needs nothing itself, so that its installation replaces nothing
COLABS_PYTHON = {"python_version": "3.12", "python_full_version": "3.12.1"}
NEEDS, EXTRAS = PROJECT["dependencies"], PROJECT["optional-dependencies"]


@pytest.mark.parametrize("line", NEEDS + EXTRAS["widget"])
def test_colab_has_what_the_package_needs(line):
    requirement = Requirement(line)
    if requirement.name in LACKING:
        assert not metadata.requires(requirement.name)
    elif requirement.marker is None or requirement.marker.evaluate(COLABS_PYTHON):
        assert COLAB[requirement.name] in requirement.specifier


@pytest.mark.parametrize("line", NEEDS + EXTRAS["widget"] + EXTRAS["cluster"])
def test_the_package_sets_lower_bounds_only(line):
    assert [bound.operator for bound in Requirement(line).specifier] == [">="]


def test_colab_meets_what_the_book_asks_for():
    shared = [one for one in REQUIREMENTS if one.name in COLAB.keys() - PAIR]
    assert shared and not [one for one in shared if COLAB[one.name] not in one.specifier]


def test_of_what_colab_has_only_the_pair_is_pinned_and_the_package_brings_its_own_list():
    pinned = {one.name for one in REQUIREMENTS if "==" in str(one.specifier)}
    assert pinned & COLAB.keys() == PAIR
    assert "-e .[cluster,widget]" in LINES
    named = {Requirement(line).name for line in NEEDS}
    assert named & {one.name for one in REQUIREMENTS} == PAIR
