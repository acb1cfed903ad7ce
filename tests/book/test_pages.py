"""The built site in a browser: `make book` first, then `make pages`.

Every page is opened at desktop and phone width, in the light and the dark theme.
"""

import functools
import http.server
import re
import shutil
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parent.parent.parent
SITE = ROOT / "_build" / "html"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NO_CONTENT = ("search.html", "genindex.html", "index.html")  # the last only leads to the first page
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")
               if "_static" not in path.parts and path.name not in NO_CONTENT)
CHAPTERS = [page for page in PAGES if page.startswith("chapters/")]
VARIANTS = [(width, theme) for width in (1280, 390) for theme in ("light", "dark")]
ALLOWED = "THEBE_JS_URL"  # the theme declares it twice on every page, whether thebe is used or not
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]

pytestmark = [
    pytest.mark.skipif(not PAGES, reason="the site is not built: run make book"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture(scope="module")
def origin():
    handler = functools.partial(Quiet, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=VARIANTS, ids=lambda variant: f"{variant[0]}-{variant[1]}")
def opened(request, browser, origin):
    """Opens pages in one variant; gives the page and what it asked for and complained of."""
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    for key in ("mode", "theme"):  # where the page keeps the reader's choice
        context.add_init_script(f"localStorage.setItem('{key}', '{theme}')")

    def open_page(name):
        page = context.new_page()
        requests, complaints = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{origin}/{name}", wait_until="networkidle")
        return page, requests, complaints

    yield open_page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_by_itself(opened, origin, name):
    page, requests, complaints = opened(name)
    foreign = [url for url in requests if not url.startswith((origin, "data:", "blob:"))]
    assert not foreign
    assert not [text for text in complaints if ALLOWED not in text]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    assert page.evaluate("[...document.querySelectorAll('article img')].every(i => i.naturalWidth > 0)")
    assert page.locator("mjx-merror").count() == 0
    assert (page.locator("mjx-container").count() > 0) == (page.locator(".math").count() > 0)


@pytest.mark.parametrize("name", PAGES)
def test_pictures_are_described(browser, origin, name):
    page = browser.new_page()
    page.goto(f"{origin}/{name}")
    for text in page.locator("article img").evaluate_all("images => images.map(i => i.alt)"):
        assert len(text.split()) >= 8, text
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_bars_the_way_of_a_screen_reader(opened, name):
    from axe_playwright_python.sync_playwright import Axe

    page, _, _ = opened(name)
    found = Axe().run(page, context="article").response["violations"]
    # Sphinx writes the bibliography as a list whose entries are no list items: not ours to change
    assert not [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found
                if rule["impact"] in ("serious", "critical") and rule["id"] != "aria-required-children"]


def links(name: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', (SITE / name).read_text(encoding="utf-8"))


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


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter_weighs_at_most_500_kB(name):
    text = (SITE / name).read_text(encoding="utf-8")
    sources = re.findall(r'<img[^>]* src="([^"]*_images[^"]*)"', text)
    pictures = {((SITE / name).parent / source).resolve() for source in sources}
    assert len(text.encode()) + sum(path.stat().st_size for path in pictures) <= 500_000


@pytest.mark.parametrize("name", ["intro.html"])
def test_a_slider_changes_the_result(opened, name):
    """From the keyboard: the number beside the slider follows at once, the words when training has ended."""
    page, _, complaints = opened(name)
    figure = page.locator(".lrreg-schedule")
    figure.scroll_into_view_if_needed()
    result = figure.get_by_role("status")
    result.get_by_text("error on P alone").wait_for(timeout=120_000)
    before = result.text_content()
    anneal = figure.get_by_label("L-S anneals after step")
    anneal.focus()
    page.keyboard.press("Home")
    assert anneal.input_value() == "0" and figure.locator(".number").first.text_content() == "0"
    result.get_by_text("Neither wins").wait_for(timeout=120_000)  # L-S is S now
    assert result.text_content() != before
    assert result.text_content() in figure.locator("svg").get_attribute("aria-label")
    assert not [text for text in complaints if ALLOWED not in text]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def test_no_page_loads_a_module_of_the_assets():
    for name in PAGES:
        assert not [link for link in re.findall(r'src="([^"]+)"', (SITE / name).read_text(encoding="utf-8"))
                    if ".mjs" in link]
