"""What the interactive figures share: a choice in the address and back, names that do not overlap, axes."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / "lrreg_utils" / "interactive"
NODE = shutil.which("node") or shutil.which("nodejs")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed: apt-get install nodejs")


@pytest.fixture(scope="module")
def found():
    done = subprocess.run([NODE, HERE / "frame_check.mjs", MODULES], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_choice_comes_back_from_its_address(found):
    assert found["hashes"] == ["", "#figure-toy&rate=0.15",
                               "#figure-toy&rate=0.5&net=wide&epoch=never&noise=true",
                               "#figure-toy&epoch=2&noise=true"]
    assert found["back"] == found["choices"][1:]


def test_what_is_no_choice_is_left_out(found):
    first = found["first"]
    assert found["strange"] == [
        None, None, None, first,  # other places of the page; the figure as it is at first
        first | {"rate": 0.5}, first | {"rate": 0.1}, first | {"rate": 0.25},  # the slider's nearest place
        first | {"net": "wide"}, first, first | {"noise": True},
        first | {"net": "wide"},  # as some programs write an address
    ]


def test_names_are_moved_apart_in_their_order(found):
    assert found["apart"][0] == [0, 100] and found["apart"][4] == []
    assert found["apart"][1] == pytest.approx([3.5, 18.5]) and found["apart"][2] == pytest.approx([18.5, 3.5])
    assert found["apart"][3] == pytest.approx([-10, 5, 20], abs=0.01)
    assert found["roomy"] == [0, 4]


def test_a_panel_is_its_axes(found):
    assert found["places"] == [30, 230, 120, 20]
    assert "a &#60; b" in found["axes"] and 'x="130.0" y="137" text-anchor="middle">five' in found["axes"]
    assert found["escaped"] == "&#60;a href=&#34;x&#34;&#62;&#38;"
    assert 'points="0.0,1.0 3.0,4.0"' in found["line"] and 'stroke-dasharray="2 4"' in found["line"]
