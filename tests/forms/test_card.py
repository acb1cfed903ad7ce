"""The card below a page's title."""

import pytest

CARD = """# Does it?

> **The paper.** It does.
>
> **<!--=badge-->{badge}<!--/-->** It ends <!--=gap-->3.5<!--/--> points ahead.
>
> 7 min to read · 1 min to run · read first: nothing

Then comes the text.

> A quote further down.
"""


BADGES = {"● holds": "holds", "◔ in part: 1 of 4 tests hold": "in-part",
          "○ in part: 0 of 2 tests hold, 2 partly": "in-part", "○ not here": "not-here"}


@pytest.mark.parametrize(("badge", "kind"), BADGES.items())
def test_quote_below_the_title_is_the_card(page, badge, kind):
    html, warnings = page(CARD.format(badge=badge))
    (card,) = html.select(".claim-card")
    assert [paragraph["class"] for paragraph in card.find_all("p")] == [["claim"], ["finding"], ["meta"]]
    (shown,) = card.select(f"strong.badge-of-claim.{kind}")
    assert shown.get_text() == badge
    assert len(html.find_all("blockquote")) == 1
    assert not warnings


def test_a_page_of_many_claims_has_a_finding_without_a_badge(page):
    html, _ = page("# Does it?\n\n> **The paper.** It does.\n>\n> **This book.** So.\n>\n> 7 min to read")
    assert [paragraph["class"] for paragraph in html.select(".claim-card p")] == [
        ["claim"], ["finding"], ["meta"]]


def test_a_page_without_a_card_stays_as_it_is(page):
    html, _ = page("# Does it?\n\nText.\n\n> A quote.")
    assert not html.select(".claim-card") and html.find("blockquote")
