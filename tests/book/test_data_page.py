"""The page on recorded results is short, names every study of the registry, and holds no measured number."""

import re
from pathlib import Path

from lrreg_utils.studies.registry import NETWORKS, THEORY

TEXT = (Path(__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8")


def test_it_is_short_and_types_no_measured_number():
    assert len(TEXT.splitlines()) <= 60
    assert not re.search(r"\d\.\d|±|\d %", TEXT)


def test_every_study_is_named():
    assert not [name for name in (*THEORY, *NETWORKS) if f"`{name}`" not in TEXT]
