"""Runs functions of a figure's module in node."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from lrreg_utils.interactive.modules import module

NODE = shutil.which("node") or shutil.which("nodejs")


@pytest.fixture
def call(tmp_path):
    """``call(name, calls)``: what each (function, *arguments) of the figure ``name`` returns."""
    if NODE is None:
        pytest.skip("node is not installed: apt-get install nodejs")

    def run(name: str, calls: list[tuple]) -> list:
        text, asked = tmp_path / "figure.mjs", tmp_path / "calls.json"
        text.write_text(module(name), encoding="utf-8")
        asked.write_text(json.dumps([[function, given] for function, *given in calls]), encoding="utf-8")
        script = Path(__file__).parent / "call.mjs"
        done = subprocess.run([NODE, script, text, asked], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
