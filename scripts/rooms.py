"""A Sphinx extension: the reference lists the package's rooms and their modules from the docstrings.

A new module shows up by itself; a new room needs a page ``chapters/reference/api/ROOM.md``.
"""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules, walk_packages

import lrreg_utils

PAGE = "chapters/reference/api"
PACKAGE = Path(lrreg_utils.__file__).parent
LEFT_OUT = ("cli", "data")  # the commands explain themselves with --help
GROUND_FLOOR = "ground_floor"


def rooms() -> list[str]:
    """Names of the package's folders, and of the ground floor."""
    folders = [one.name for one in iter_modules([str(PACKAGE)]) if one.ispkg and one.name not in LEFT_OUT]
    return [*folders, GROUND_FLOOR]


def modules(room: str) -> list[str]:
    """Full names of the modules in a room and its folders."""
    if room == GROUND_FLOOR:
        found = iter_modules([str(PACKAGE)], "lrreg_utils.")
    else:
        found = walk_packages([str(PACKAGE / room)], f"lrreg_utils.{room}.")
    return [one.name for one in found if not one.ispkg and not one.name.rpartition(".")[2].startswith("_")]


def purpose(room: str) -> str:
    """The first line of a room's docstring."""
    if room == GROUND_FLOOR:
        return "What every room uses: errors, files, locks, tables, seeding, devices, provenance."
    return import_module(f"lrreg_utils.{room}").__doc__.strip().splitlines()[0]


def overview() -> str:
    """The package's own names and a table of the rooms, as MyST Markdown."""
    names = ", ".join(f"`{name}`" for name in sorted(lrreg_utils.__all__, key=str.lower))
    rows = [f"| [{room}](api/{room}.md) | {purpose(room)} |" for room in rooms()]
    return "\n".join(["## Rooms", "", "| room | purpose |", "|---|---|", *rows, "",
                      "## Names of `lrreg_utils`", "", names])


def room_page(room: str) -> str:
    """The purpose of a room and the reference of its modules, as MyST Markdown."""
    # Matplotlib writes a method `set` into each class of figures, with markup that only its own site knows
    options = "   :members:\n   :exclude-members: set\n"
    blocks = [f"## {name}\n\n```{{eval-rst}}\n.. automodule:: {name}\n{options}```" for name in modules(room)]
    return "\n\n".join([purpose(room), *blocks])


def write_reference(app, docname: str, source: list[str]) -> None:
    """Complete the page of the reference, or that of a room."""
    if docname == PAGE:
        source[0] += f"\n{overview()}\n"
    elif docname.startswith(f"{PAGE}/"):
        source[0] += f"\n{room_page(Path(docname).name)}\n"


def setup(app) -> dict:
    app.connect("source-read", write_reference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
