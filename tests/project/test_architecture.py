"""The house rules: which room may import which, what stays light, what stays small."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import lrreg_utils

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "lrreg_utils"
# Each room, and the rooms whose modules it may import; all may import the ground floor
ARROWS = {
    "experiments": set(),
    "images": {"experiments"},
    "results": {"experiments"},
    "theory": set(),
    "book": {"claims", "results", "experiments"},
    "problems": {"experiments", "images"},
    "training": {"experiments", "images", "results"},
    "sweeps": {"experiments", "images", "results", "training"},
    "studies": {"experiments", "images", "results", "training", "problems", "theory"},
    "figures": {"results", "theory", "problems", "book"},
    "claims": {"results", "experiments"},
    "interactive": {"experiments", "images", "problems", "results", "theory"},
    "live": {"experiments", "images", "results", "training", "sweeps", "studies", "figures"},
    "grading": set(),
}
ROOMS = {*ARROWS, "cli"}
NEVER = {  # what a whole room never loads, however indirectly
    "experiments": {"torch", "matplotlib", "numpy"},
    "results": {"torch", "matplotlib"},
    "claims": {"torch", "matplotlib"},
    "figures": {"torch"},
    "interactive": {"torch", "matplotlib"},
    "live": {"torch"},
    "book": {"torch"},
    "grading": {"torch", "matplotlib"},
}
MODULES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
           for path in sorted(PACKAGE.rglob("*.py")) if not path.stem.startswith("__")}


def imports(path: Path) -> set[str]:
    """Modules of the package that a file imports, lazily or not: lrreg_utils.x.y as 'x.y'."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name.removeprefix("lrreg_utils.") for name in found} & set(MODULES)


def room(module: str) -> str:
    """The room of a module, also of one in a folder of the room; empty for the ground floor."""
    return module.split(".")[0] if "." in module else ""


def test_every_folder_is_a_room():
    assert {room(module) for module in MODULES} == {"", *ROOMS}


def test_imports_go_one_way():
    """Lazy imports count as well: no module needs, however indirectly, one that needs it."""
    graph = {module: imports(path) for module, path in MODULES.items()}
    assert set(TopologicalSorter(graph).static_order()) == set(MODULES)  # a circle raises CycleError


@pytest.mark.parametrize("module", [module for module in MODULES if room(module) != "cli"])
def test_a_room_imports_only_what_it_may(module):
    own = room(module)
    assert {room(name) for name in imports(MODULES[module])} <= {"", own, *ARROWS.get(own, ())}


@pytest.mark.parametrize("name", NEVER)
def test_what_a_room_never_loads(name):
    """Whatever is imported on the way counts: a fresh process imports the room and looks."""
    inside = [f"lrreg_utils.{module}" for module in MODULES if room(module) == name]
    code = f"import sys, {', '.join(inside)}; print({NEVER[name]!r} & set(sys.modules) or '')"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("folder", sorted(path.parent for path in PACKAGE.rglob("__init__.py")),
                         ids=lambda folder: folder.name)
def test_a_folder_has_at_most_twelve_files_and_says_what_it_is_for(folder):
    assert len([path for path in folder.iterdir() if path.is_file()]) <= 12
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))


@pytest.mark.parametrize("module", MODULES)
def test_files_are_small_and_explained(module):
    text = MODULES[module].read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 300


def test_importing_the_package_loads_neither_torch_nor_matplotlib_nor_numpy():
    code = "import sys, lrreg_utils; assert not {'torch', 'matplotlib', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", lrreg_utils.__all__)
def test_public_names_exist_and_are_documented(name):
    value = getattr(lrreg_utils, name)
    if callable(value):
        assert value.__doc__
        assert not value.__doc__.startswith(f"{name}(")  # what a dataclass writes for itself


def test_unknown_names_are_reported():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = lrreg_utils.nothing


def test_no_file_names_a_machines_folder_or_a_package_registry(tracked_files):
    words = [b"/" + b"work/", b"pypi" + b".org", b"python" + b"hosted.org", b"ana" + b"conda.org"]
    for path in tracked_files:
        if path.is_file():
            content = path.read_bytes()
            assert not [word for word in words if word in content], path
