"""What a page says of itself: its description, and the picture that is shown where it is shared."""

from docutils import nodes

from scripts import page_head


def page(text: str) -> nodes.document:
    document = nodes.document(None, None)
    document += nodes.title("", "A title")
    document += nodes.paragraph("", text)
    document += nodes.paragraph("", "The next one.")
    return document


def test_description_is_the_first_paragraph_cut_after_a_word():
    assert page_head.description(page("Order\ndecides.")) == "Order decides."
    cut = page_head.description(page("word, " * 100))
    assert len(cut) <= page_head.LENGTH + 2 and cut.endswith("word …")
    assert page_head.description(nodes.document(None, None)) == ""


def test_description_is_the_finding_of_a_card():
    badge = nodes.strong("", "", nodes.raw("", "<!--=badge-->", format="html"), nodes.Text("● holds"),
                         classes=["badge-of-claim", "holds"])
    document = page("The paper.")
    document += nodes.paragraph("", "", badge, nodes.Text(" It\ndoes."), classes=["finding"])
    assert page_head.description(document) == "● holds. It does."


def test_a_picture_has_a_whole_address_once_the_repository_has_one():
    assert page_head.picture_address("https://github.com/OWNER/some-book", "main") is None
    address = page_head.picture_address("https://github.com/somebody/a-book", "main")
    assert address == "https://raw.githubusercontent.com/somebody/a-book/main/assets/share.png"
    assert f'<meta property="og:image" content="{address}" />' in page_head.tags("t", "d", "s", address)
    assert "og:image" not in page_head.tags("t", "d", "s", None)


def test_tags_escape_what_html_would_read():
    assert 'content="&quot;A&quot; &amp; &lt;b&gt;"' in page_head.tags("t", '"A" & <b>', "s", None)
