"""Neighbouring cells and the caption below them are one figure."""

CAPTION = "**Figure {0}.** The **large rate** wins. (recorded, ten seeds)\n\nText goes on."


def test_panels_stand_in_one_figure_with_their_caption(page, panel):
    html, warnings = page("# T\n\nSee [there](#figure-1).", panel("remove-input"), panel("remove-input"),
                          CAPTION.format(1))
    (figure,) = html.find_all("figure")
    assert figure["id"] == "figure-1"
    assert len(figure.select(".panels.several > .cell img[alt]")) == 2
    caption = figure.find("figcaption")
    assert " ".join(caption.get_text().split()) == "Figure 1. The large rate wins. (recorded, ten seeds)"
    assert caption.find("a")["href"] == "#figure-1"
    assert caption.select_one(".origin").get_text() == "(recorded, ten seeds)"
    assert "Text goes on." not in figure.get_text()
    assert not warnings


def test_code_that_is_shown_stands_before_the_figure(page, panel):
    html, _ = page("# T", panel("hide-input"), CAPTION.format(1))
    assert not html.select("figure .cell_input")
    assert html.select(".cell details .cell_input")
    assert html.select("figure .panels.alone img")


def test_cells_of_one_tab_stand_side_by_side_in_it(page, panel):
    html, _ = page("# T", panel("remove-input", tab="accuracy"), panel("remove-input", tab="accuracy"),
                   panel("remove-input", tab="loss"), panel("remove-input"), CAPTION.format(2))
    figure = html.find("figure")
    assert {tab["data-tab"]: len(tab.find_all("img")) for tab in figure.select(".tabs > .tab")} == {
        "accuracy": 2, "loss": 1}
    assert [name.get_text() for name in figure.select(".tab-name")] == ["accuracy", "loss"]
    assert len(figure.find_all("img")) == 4


def test_tables_and_text_may_stand_in_a_figure(page, panel):
    table, words = {"text/html": "<table class='results'></table>"}, {"text/plain": "words"}
    html, warnings = page("# T", panel("remove-input", shown=table), panel("remove-input", shown=words),
                          CAPTION.format(1))
    assert html.select("figure .panels table.results") and "words" in html.find("figure").get_text()
    assert not warnings


def test_a_figure_without_a_caption_is_told(page, panel):
    html, warnings = page("# T", panel(), "Text.")
    assert "no caption" in warnings and not html.find("figure")


def test_bold_words_of_the_vocabulary_are_coloured(page):
    html, _ = page("# T\n\nThe **large rate**, **Images**, **small + noise** and **others**.")
    assert [word["class"] for word in html.select("strong.word")] == [
        ["word", "word-large-lr"], ["word", "word-image"], ["word", "word-small-lr-noise"]]
