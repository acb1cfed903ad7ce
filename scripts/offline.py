"""A Sphinx extension: the site brings along what its pages load from elsewhere, and nothing more.

MathJax comes from the package `sphinx-mathjax-offline`; a page loads the parts that `_config.yml` names.
The theme's icons stand in `assets/icons.css`, so that its Font Awesome is left out (`theme/layout.html`).
"""

import importlib
import shutil
from pathlib import Path

# What starts it, what that loads, and what these load: fonts, and rare TeX commands
PARTS = ("startup.js", "core.js", "input/tex.js", "input/tex/extensions", "output/chtml.js", "output/chtml",
         "a11y/assistive-mml.js")


def copy_mathjax(static: Path) -> None:
    source = Path(importlib.import_module("sphinx-mathjax-offline").__file__).parent / "static" / "mathjax"
    for part in PARTS:
        if (source / part).is_dir():
            shutil.copytree(source / part, static / "mathjax" / part, dirs_exist_ok=True)
        else:
            (static / "mathjax" / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / part, static / "mathjax" / part)


def drop_unused(static: Path) -> None:
    """Remove the theme's icons, and what only its developers would open."""
    shutil.rmtree(static / "vendor" / "fontawesome", ignore_errors=True)
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
        drop_unused(static)


def setup(app) -> dict:
    app.connect("html-page-context", only_with_formulas, priority=900)
    app.connect("build-finished", complete, priority=900)  # after the theme has copied its files
    return {"parallel_read_safe": True, "parallel_write_safe": True}
