"""The house rules: which module may import which, what stays light, what stays small."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lrreg_utils

ROOT = Path(__file__).parent.parent
MODULES = sorted(path.stem for path in (ROOT / "lrreg_utils").glob("*.py") if not path.stem.startswith("__"))
# From the ground up: a module imports only modules named before its own line
FLOORS = [
    {"errors"},
    {"values", "files", "portable", "console", "picture_files", "prose"},
    {"schedules", "pictures"},
    {"config"},
    {"presets", "history", "seeding", "provenance", "datasets"},
    {"sweeps", "comparison", "plots", "folders", "patches", "flags", "toy", "study_files", "kernel_curves"},
    {"images", "models", "metrics", "devices", "graphs", "ratios", "toy_seeds", "theory_plots",
     "sweep_plots", "recordings"},
    {"probes", "theory", "memory", "widgets"},
    {"infinite_width", "two_layer", "theory_metrics"},
    {"separation"},
    {"theory_sweeps", "finite_studies"},
    {"checkpoints"},
    {"training"},
    {"runs"},
    {"cluster"},
    {"studies"},
    {"cli_demo", "cli_study", "cli_theory", "cli_toy"},
    {"cli"},
]
STANDARD_LIBRARY_ONLY = {"errors", "values", "console", "schedules", "files", "config", "presets"}
WITHOUT_TORCH = {*STANDARD_LIBRARY_ONLY, "history", "comparison", "plots", "pictures", "ratios", "portable",
                 "toy", "toy_seeds", "study_files", "kernel_curves", "theory_plots", "prose", "sweep_plots",
                 "recordings", "widgets"}


def imports(module: str) -> set[str]:
    """Every module that a file of the package imports, lazily or not: lrreg_utils.x as 'x'."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / "lrreg_utils" / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "lrreg_utils":
            found |= {f"lrreg_utils.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    return {name.removeprefix("lrreg_utils.") if name.startswith("lrreg_utils.") else name.split(".")[0]
            for name in found}


def test_every_module_has_its_floor():
    assert sorted(name for floor in FLOORS for name in floor) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_downwards(module):
    level = next(index for index, floor in enumerate(FLOORS) if module in floor)
    below = set().union(*FLOORS[:level])
    assert imports(module) & set(MODULES) <= below


@pytest.mark.parametrize("module", MODULES)
def test_foreign_imports(module):
    foreign = imports(module) - set(MODULES) - set(sys.stdlib_module_names)
    if module in WITHOUT_TORCH:
        assert not foreign & {"torch", "torchvision"}
    if module in STANDARD_LIBRARY_ONLY:
        assert not foreign


@pytest.mark.parametrize("module", MODULES)
def test_files_are_small_and_explained(module):
    text = (ROOT / "lrreg_utils" / f"{module}.py").read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 300


def test_importing_the_package_loads_neither_torch_nor_matplotlib():
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


def test_no_file_names_a_machines_folder_or_a_package_registry():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, check=True).stdout
    words = [b"/" + b"work/", b"pypi" + b".org", b"python" + b"hosted.org", b"ana" + b"conda.org"]
    for name in listed.decode().splitlines():
        if (ROOT / name).is_file():
            content = (ROOT / name).read_bytes()
            assert not [word for word in words if word in content], name


def test_the_reference_names_every_public_name():
    text = (ROOT / "api.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\.\. auto\w+:: lrreg_utils\.(\w+)\.(\w+)$", text, re.MULTILINE))
    assert {(home, name) for name, home in lrreg_utils._HOME.items()} <= named
