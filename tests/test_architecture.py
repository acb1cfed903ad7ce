"""The house rules: which module may import which, what stays light, what stays small."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import lrreg_utils

ROOT = Path(__file__).parent.parent
MODULES = sorted(path.stem for path in (ROOT / "lrreg_utils").glob("*.py") if not path.stem.startswith("__"))
STANDARD_LIBRARY_ONLY = {"errors", "values", "console", "schedules", "files", "text_files", "config",
                         "presets", "tables"}
WITHOUT_TORCH = STANDARD_LIBRARY_ONLY | {
    "claims",
    "claims_of_networks",
    "claims_of_theory",
    "comparison",
    "convex_plots",
    "evidence",
    "figures",
    "history",
    "intuition_plots",
    "kernel_curves",
    "learning_order",
    "noise_plots",
    "one_dimension",
    "order_plots",
    "pattern_plots",
    "pictures",
    "plots",
    "portable",
    "prose",
    "quadratic",
    "ratios",
    "setting_plots",
    "study_files",
    "svg",
    "sweep_plots",
    "theory_plots",
    "toy",
    "toy_seeds",
}



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


def test_imports_go_one_way():
    """Lazy imports count as well: no module needs, however indirectly, one that needs it."""
    graph = {module: imports(module) & set(MODULES) for module in MODULES}
    assert set(TopologicalSorter(graph).static_order()) == set(MODULES)  # a circle raises CycleError


@pytest.mark.parametrize("module", [module for module in MODULES if not module.startswith("cli")])
def test_nothing_below_the_command_line_needs_it(module):
    assert not [name for name in imports(module) & set(MODULES) if name.startswith("cli")]


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


def test_no_file_names_a_machines_folder_or_a_package_registry(tracked_files):
    words = [b"/" + b"work/", b"pypi" + b".org", b"python" + b"hosted.org", b"ana" + b"conda.org"]
    for path in tracked_files:
        if path.is_file():
            content = path.read_bytes()
            assert not [word for word in words if word in content], path
