"""A Sphinx extension: what a page says of itself to search engines, when it is shared, and in its footer."""

import html
import re
from pathlib import Path

import yaml
from docutils import nodes

from scripts.address import is_known

LENGTH = 200  # letters of a description; search engines cut what is longer
PICTURE = "assets/share.png"  # shown where a page is shared
VIEWPORT = re.compile(r'\s*<meta name="viewport"[^>]*>')


def words(node: nodes.Node) -> str:
    """What a reader sees of a node, on one line."""
    seen = [text.astext() for text in node.findall(nodes.Text) if not isinstance(text.parent, nodes.raw)]
    return " ".join("".join(seen).split())


def with_class(doctree: nodes.document, kind: type[nodes.Element], name: str) -> nodes.Element | None:
    return next((node for node in doctree.findall(kind) if name in node["classes"]), None)


def description(doctree: nodes.document) -> str:
    """The finding of the page's card, after its badge; else the first paragraph. Cut after a word."""
    paragraph = with_class(doctree, nodes.paragraph, "finding") \
        or next(iter(doctree.findall(nodes.paragraph)), None)
    text = words(paragraph) if paragraph else ""
    if badge := with_class(doctree, nodes.strong, "badge-of-claim"):
        text = text.replace(words(badge), f"{words(badge)}.", 1)
    return text if len(text) <= LENGTH else text[:LENGTH].rsplit(" ", 1)[0].rstrip(",;:.") + " …"


def picture_address(repository: str, branch: str) -> str | None:
    """Where everybody finds the picture: in the repository, once its address is known.

    Services that show it take whole addresses only.
    """
    if not is_known(repository):
        return None
    return f"{repository.replace('github.com', 'raw.githubusercontent.com', 1)}/{branch}/{PICTURE}"


def tags(title: str, text: str, site: str, picture: str | None) -> str:
    properties = {"og:title": title, "og:type": "article", "og:site_name": site, "og:description": text}
    if picture:
        properties["og:image"] = picture
    lines = [f'<meta property="{name}" content="{html.escape(value)}" />'
             for name, value in properties.items()]
    return "\n".join([f'<meta name="description" content="{html.escape(text)}" />', *lines, ""])


def complete(app, pagename: str, templatename: str, context: dict, doctree) -> None:
    context["book"] = app.config.citation
    context["metatags"] = VIEWPORT.sub("", context.get("metatags", ""))  # the theme writes one itself
    if doctree is None:
        return
    theme = app.config.html_theme_options
    picture = picture_address(theme["repository_url"], theme["repository_branch"])
    title = app.env.titles[pagename].astext()
    context["metatags"] += tags(title, description(doctree), app.config.html_title, picture)


def read_citation(app, config) -> None:
    """The book's version, licence and authors stand in one file."""
    text = (Path(app.confdir) / "CITATION.cff").read_text(encoding="utf-8")
    config.citation = yaml.safe_load(text)


def setup(app) -> dict:
    app.add_config_value("citation", {}, "html")
    app.connect("config-inited", read_citation)
    app.connect("html-page-context", complete, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
