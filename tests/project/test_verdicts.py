"""The argument above each page: its pages exist, its badges come from the claims, its ways have reasons."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from lrreg_utils.claims import table
from lrreg_utils.claims.evidence import VERDICTS, Tally
from scripts import verdicts

ROOT = Path(__file__).parents[2]
NAMES = {"chapters/01_puzzle": "01_puzzle.html", "chapters/02_intuition": "#"}


def pathto(document: str) -> str:
    return NAMES.get(document, f"{document}.html")


def test_the_argument_is_that_of_the_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert [entry["file"] for entry in toc["parts"][0]["chapters"]] == list(verdicts.DOCUMENTS.values())
    assert list(verdicts.DOCUMENTS) == list(verdicts.LABELS) == list(verdicts.REASONS)
    assert all(len(text) <= 60 and text[-1] in ".?" for both in verdicts.REASONS.values() for text in both)


@pytest.mark.parametrize(("found", "share", "title"), [
    ([2, 0, 0], 100, "holds: 2 of 2 tests hold"),
    ([0, 0, 1], 0, "not here: 0 of 1 tests hold, 1 not"),
    ([0, 1, 0], 0, "in part: 0 of 1 tests hold, 1 partly"),
    ([9, 0, 1], 75, "in part: 9 of 10 tests hold, 1 not"),
])
def test_a_disc_is_filled_as_far_as_tests_hold(found, share, title):
    html = verdicts.disc(Tally([verdict for verdict, times in zip(VERDICTS, found, strict=True)
                                for _ in range(times)]))
    assert f"--held: {share}%" in html and f'title="{title}"' in html
    assert f'aria-label="{title.partition(":")[0]}"' in html


def test_discs_say_what_badges_say():
    for page, document in verdicts.DOCUMENTS.items():
        shown = verdicts.discs()[document]
        assert (f'title="{table.badge(page)[2:]}"' in shown) if shown else page == "conclusion"


def test_a_badge_leads_to_the_rows_that_it_counts():
    html = '<p>It.</p><strong class="badge-of-claim in-part">◔ in part</strong>'
    linked = verdicts.with_rows(html, "chapters/02_intuition", pathto)
    assert linked.endswith('"><a href="chapters/09_conclusion.html#rows-intuition">◔ in part</a></strong>')
    assert verdicts.with_rows("<p>It.</p>", "chapters/intro", pathto) == "<p>It.</p>"


def test_a_page_gets_the_strip_the_menu_and_the_reasons():
    menu = ('<a class="current reference internal" href="#">Here</a>'
            '<a class="reference internal" href="a.html">A</a>')
    context = {"pathto": pathto, "toctree": lambda **options: menu}
    relations = {"chapters/02_intuition": (None, "chapters/01_puzzle", "chapters/03_two_kinds_of_patterns")}
    app = SimpleNamespace(builder=SimpleNamespace(relations=relations))
    verdicts.complete(app, "chapters/02_intuition", "", context, None)
    assert [link["current"] for link in context["strip"]] == [False, True] + 8 * [False]
    assert context["strip"][0]["address"] == "01_puzzle.html" and context["strip"][-1]["disc"] == ""
    disc = verdicts.discs()["chapters/02_intuition"]
    assert context["toctree"]() == menu.replace("Here", f"{disc}Here")
    assert context["reason_back"] == "What was the puzzle?"
    assert context["reason_on"] == "So noise hides detail. What detail?"
    verdicts.complete(app, "search", "", context, None)
    assert (context["reason_back"], context["reason_on"]) == ("", "")
