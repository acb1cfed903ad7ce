"""A small notebook in the plain forms of a chapter, as the site's extension makes it into HTML."""

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} 9"><path d="M 0 0 L 1 1"/></svg>'
CONFIG = """
extensions = ["myst_nb", "scripts.forms"]
exclude_patterns = ["_build"]
nb_execution_mode = "off"
"""


@pytest.fixture
def panel():
    """Make a cell that shows a drawing; each is another."""
    made = []

    def make(*tags: str, tab: str | None = None, shown: dict[str, str] | None = None):
        made.append(shown or {"image/svg+xml": SVG.format(len(made) + 1)})
        metadata = {"tags": ["figure", *tags], "mystnb": {"image": {"alt": "What the panel shows"}}}
        metadata |= {"tab": tab} if tab else {}
        output = new_output("execute_result", made[-1], execution_count=1)
        return new_code_cell("figures.draw()", outputs=[output], metadata=metadata)

    return make


@pytest.fixture
def site(tmp_path):
    """Build notebooks, lists of cells (text is Markdown); gives their pages, and what Sphinx warned of."""

    def build(**pages) -> tuple[dict[str, BeautifulSoup], str]:
        (tmp_path / "conf.py").write_text(CONFIG + f"root_doc = {next(iter(pages))!r}\n")
        for name, cells in pages.items():
            made = [new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
            nbformat.write(new_notebook(cells=made, metadata={"language_info": {"name": "python"}}),
                           tmp_path / f"{name}.ipynb")
        warned = (tmp_path / "warnings").open("w+")
        with patch_docutils(), docutils_namespace():
            app = Sphinx(tmp_path, tmp_path, tmp_path / "_build", tmp_path / "_build", "html", status=None,
                         warning=warned)
            app.build()
        warned.seek(0)
        warnings = "\n".join(line for line in warned.read().splitlines() if "toctree" not in line)
        warned.close()
        return {name: BeautifulSoup((tmp_path / "_build" / f"{name}.html").read_text(), "html.parser")
                for name in pages}, warnings

    return build


@pytest.fixture
def page(site):
    """Build one page; gives it, and what Sphinx warned of."""

    def build(*cells) -> tuple[BeautifulSoup, str]:
        pages, warnings = site(index=cells)
        return pages["index"], warnings

    return build
