"""The files of the built site, without a browser: links, sizes, and what a page says of itself."""

import re
from urllib.parse import unquote, urlsplit

import pytest
from built_site import CHAPTERS, PAGES, ROOT, SITE, text


def links(name: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', text(name))


@pytest.mark.parametrize("name", PAGES)
def test_internal_links_lead_somewhere(name):
    for link in links(name):
        target = urlsplit(link)
        if target.scheme or target.netloc or not (target.path or target.fragment):
            continue
        path = (SITE / name).parent / unquote(target.path) if target.path else SITE / name
        path = path / "index.html" if path.is_dir() else path
        assert path.exists(), link
        if target.fragment and path.suffix == ".html":
            assert f'id="{target.fragment}"' in path.read_text(encoding="utf-8"), link


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter_opens_in_colab_from_the_book_s_repository(name):
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    (repository,) = re.findall(r"url: https://github\.com/([\w-]+/[\w.-]+)", config)
    notebook = name.removesuffix(".html") + ".ipynb"
    assert f"https://colab.research.google.com/github/{repository}/blob/main/{notebook}" in links(name)


@pytest.mark.parametrize("name", PAGES)
def test_page_weighs_at_most_500_kB(name):
    """Its text and its pictures; what all pages share is loaded once."""
    sources = re.findall(r'<img[^>]* src="([^"]*_images[^"]*)"', text(name))
    pictures = {((SITE / name).parent / source).resolve() for source in sources}
    assert len(text(name).encode()) + sum(path.stat().st_size for path in pictures) <= 500_000


def test_the_site_weighs_at_most_20_MB():
    assert sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) <= 20_000_000


def test_no_page_loads_a_module_of_the_assets():
    """A page opened from a folder may not load modules: their text stands on the page."""
    for name in PAGES:
        assert ".mjs" not in "".join(re.findall(r'src="([^"]+)"', text(name)))
