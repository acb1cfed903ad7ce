"""A Sphinx extension: the site brings along what its pages load from elsewhere, and nothing more.

MathJax comes from the package `sphinx-mathjax-offline`; a page uses one of its ten ready-made bundles.
"""

import importlib
import shutil
from pathlib import Path

# The bundle, and what it loads: fonts, rare TeX commands, and from its menu what reads formulas aloud
PARTS = ("tex-chtml.js", "output/chtml", "input/tex/extensions", "a11y", "sre")


def copy_mathjax(static: Path) -> None:
    source = Path(importlib.import_module("sphinx-mathjax-offline").__file__).parent / "static" / "mathjax"
    for part in PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, static / "mathjax" / part, dirs_exist_ok=True)
        else:
            (static / "mathjax").mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / part, static / "mathjax" / part)


def drop_source_maps(static: Path) -> None:
    """Remove what only a developer of the theme would open."""
    for path in (*static.rglob("*.js.map"), *static.rglob("*.css.map")):
        path.unlink()


def only_with_formulas(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Drop MathJax from a page without formulas: Sphinx loads it where a page lists others that have some."""
    if not app.env.get_domain("math").data["has_equations"].get(pagename):
        path = f"_static/{app.config.mathjax_path}"
        context["script_files"] = [one for one in context["script_files"] if one.filename != path]


def complete(app, failure: Exception | None) -> None:
    if failure is None and app.builder.format == "html":
        static = Path(app.outdir) / "_static"
        copy_mathjax(static)
        drop_source_maps(static)


def setup(app) -> dict:
    app.connect("html-page-context", only_with_formulas, priority=900)
    app.connect("build-finished", complete, priority=900)  # after the theme has copied its files
    return {"parallel_read_safe": True, "parallel_write_safe": True}
