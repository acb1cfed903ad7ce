"""Links to the book's own site, which lone notebooks need, lead from page to page within it."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from scripts.site_links import LOG, between_pages

SITE = "https://somebody.github.io/a-book/"


@pytest.fixture
def app():
    return SimpleNamespace(
        config=SimpleNamespace(site_address=SITE, root_doc="intro"),
        env=SimpleNamespace(found_docs={"intro", "chapters/02", "data/README"}),
        builder=SimpleNamespace(get_relative_uri=lambda here, there: f"{here} -> {there}.html"),
    )


def resolved(app, address: str) -> str:
    page = new_document("page")
    page += nodes.reference(refuri=address)
    between_pages(app, page, "chapters/01")
    return page[0]["refuri"]


def test_links_of_the_site_become_links_between_pages(app):
    assert resolved(app, f"{SITE}data/README.html#times") == "chapters/01 -> data/README.html#times"
    assert resolved(app, SITE) == "chapters/01 -> intro.html"


def test_other_links_stay_and_a_page_that_is_not_there_is_told(app, monkeypatch):
    said = []
    monkeypatch.setattr(LOG, "warning", lambda text, *values, **more: said.append(text % values))
    assert resolved(app, "https://example.org/chapters/02.html") == "https://example.org/chapters/02.html"
    assert not said
    assert resolved(app, f"{SITE}chapters/03.html").startswith("https:")
    assert said == [f"no page chapters/03 in this book: {SITE}chapters/03.html"]
