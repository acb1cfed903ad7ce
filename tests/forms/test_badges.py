"""A chapter's Colab badge is for GitHub: the site has a button of its own."""

BADGE = ("[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
         "(https://colab.research.google.com/github/one/book/blob/main/a.ipynb)")
CARD = "# Does it?\n\n> **The paper.** It does.\n>\n> 4 min to read · read first: nothing\n\n"


def test_the_site_shows_no_badge_hidden_or_not(page):
    for text in (BADGE, f"<!-- once there is an address {BADGE} -->"):
        made, warnings = page(CARD + text, "Text.")
        assert "colab" not in str(made.main or made.body) and not warnings
        assert made.select(".claim-card") and made.find("p", string="Text.")


def test_a_sentence_that_names_colab_stays(page):
    made, _ = page("# Does it?", "See [Colab](https://colab.research.google.com/).\n\n"
                   "[Colab](https://colab.research.google.com/)")
    assert len(made.select("a[href='https://colab.research.google.com/']")) == 2
