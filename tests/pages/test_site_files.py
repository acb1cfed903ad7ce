"""The files of the built site, without a browser: links, sizes, and what a page says of itself."""

import re
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest
from built_site import CHAPTERS, PAGES, ROOT, SITE, text

from scripts import address

REFERENCE = "chapters/reference"


def links(name: str) -> list[str]:
    """The addresses that a page links to; a script's text holds none."""
    page = re.sub(r"<script\b.*?</script>", "", text(name), flags=re.DOTALL)
    return re.findall(r'href="([^"]+)"', page)


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
def test_chapter_opens_in_colab_once_the_repository_has_an_address(name):
    """Until then no page has a button for it."""
    notebook = name.removesuffix(".html") + ".ipynb"
    colab = f"https://colab.research.google.com/github/{address.current()}/blob/{address.branch()}/{notebook}"
    assert (colab in links(name)) == address.is_known(address.current())


@pytest.mark.parametrize("name", PAGES)
def test_no_link_leads_to_a_repository_without_an_address(name):
    assert not [link for link in links(name) if "/OWNER/" in link]


@pytest.mark.parametrize("name", PAGES)
def test_page_weighs_at_most_400_kB(name):
    """Its text and its pictures; what all pages share is loaded once."""
    sources = re.findall(r'<img[^>]* src="([^"]*_images[^"]*)"', text(name))
    pictures = {((SITE / name).parent / source).resolve() for source in sources}
    assert len(text(name).encode()) + sum(path.stat().st_size for path in pictures) <= 400_000


def test_the_site_weighs_at_most_20_MB():
    assert sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) <= 20_000_000


def test_no_page_loads_a_module_of_the_assets():
    """A page opened from a folder may not load modules: their text stands on the page."""
    for name in PAGES:
        assert ".mjs" not in "".join(re.findall(r'src="([^"]+)"', text(name)))


def meta(name: str, key: str) -> list[str]:
    """What a page says of itself under a name or a property."""
    return re.findall(rf'<meta (?:name|property)="{key}" content="([^"]*)"', text(name))


@pytest.mark.parametrize("name", PAGES)
def test_page_says_what_it_is(name):
    (title,) = re.findall(r"<title>(.*?)</title>", text(name))
    parts = title.split(" &#8212; ")
    assert len(set(parts)) == len(parts) and all(parts)
    assert meta(name, "og:title") == [unescape(parts[0])]
    assert len(meta(name, "viewport")) == 1
    (description,) = meta(name, "description")
    assert description == meta(name, "og:description")[0]
    assert 20 <= len(unescape(description)) <= 202
    assert not re.search(r"[{}`*]", description)


@pytest.mark.parametrize("name", PAGES)
def test_a_shared_page_has_a_picture_once_the_repository_has_an_address(name):
    assert len(meta(name, "og:image")) == address.is_known(address.current())
    assert all(picture.startswith("https://") for picture in meta(name, "og:image"))


@pytest.mark.parametrize("name", PAGES)
def test_the_foot_of_a_page_says_version_and_licence_and_where_it_runs(name):
    (foot,) = re.findall(r'<p class="book-footer">(.*?)</p>', text(name), re.DOTALL)
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    (version,) = re.findall(r"^version: (.*)$", citation, re.MULTILINE)
    assert f"Version {version}" in foot and "MIT licence" in foot
    assert "#how-to-cite" in foot and "#where-it-runs" in foot


def test_a_source_has_one_name_in_the_text_and_in_the_bibliography():
    listed = re.findall(r'<span class="label"><span class="fn-bracket">\[</span>(.*?)<span',
                        text(f"{REFERENCE}/references.html"))
    cited = [label for name in PAGES for label in
             re.findall(r'<a class="reference external" href="[^"]*">([^<>]+, \d{4})</a>', text(name))]
    assert len(set(listed)) == len(listed) >= 10
    assert cited and set(cited) <= set(listed)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "data/README.html"])
def test_the_recordings_page_is_linked_not_named(name):
    assert "data/README.md" not in re.sub(r"<[^>]*>", "", text(name))
