"""The reference lists every room and every module, and what the package offers by name."""

import ast
import importlib.util
from pathlib import Path

import pytest

import lrreg_utils

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "lrreg_utils"
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


@pytest.fixture(scope="module")
def rooms():
    spec = importlib.util.spec_from_file_location("rooms", ROOT / "scripts" / "rooms.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_room_but_the_commands_is_listed(rooms):
    assert rooms.rooms() == [name for name in ROOMS if name != "cli"] + [rooms.GROUND_FLOOR]


def test_every_module_of_a_room_and_of_the_ground_floor_is_listed(rooms):
    found = {name for room in rooms.rooms() for name in rooms.modules(room)}
    paths = [path.relative_to(ROOT).with_suffix("") for path in PACKAGE.rglob("*.py")
             if not path.name.startswith("_") and path.parent.name != "cli"]
    assert found == {".".join(path.parts) for path in paths}


def test_every_name_of_the_package_and_every_rooms_purpose_is_said(rooms):
    text = rooms.overview()
    assert all(f"`{name}`" in text for name in lrreg_utils.__all__)
    assert all(rooms.purpose(room) in text for room in rooms.rooms())


def test_no_property_begins_with_what_sphinx_takes_for_a_type():
    """Napoleon reads what stands before a colon in its first line as a type, and finds no such class."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any("property" in ast.unparse(one)
                                                         for one in node.decorator_list):
                first = (ast.get_docstring(node) or "").split("\n")[0]
                found += [f"{path.name}: {node.name}"] * (": " in first)
    assert not found


def test_only_the_reference_is_completed(rooms):
    def completed(docname):
        source = ["# Some page"]
        rooms.write_reference(None, docname, source)
        return source[0].removeprefix("# Some page")

    assert completed("chapters/intro") == ""
    assert completed(rooms.PAGE).strip() == rooms.overview()
    assert ".. automodule:: lrreg_utils.training.trainer\n" in completed(f"{rooms.PAGE}/training")


def test_every_room_has_a_page(rooms):
    pages = {path.stem for path in (ROOT / rooms.PAGE).glob("*.md")}
    assert pages == set(rooms.rooms()) and (ROOT / f"{rooms.PAGE}.md").is_file()
