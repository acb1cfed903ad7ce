"""Folds, the code of solutions, and notes in the margin."""

from nbformat.v4 import new_code_cell

FOLD = "<details><summary>{0}</summary>\n\nWith **Markdown**.\n\n- a list\n\n</details>"


def hidden(source: str = "x = 1"):
    return new_code_cell(source, metadata={"tags": ["hide-cell"]})


def test_folds_have_one_class_each(page):
    summaries = ["How sure is this?", "Solution", "More"]
    html, warnings = page("# T\n\n" + "\n\n".join(map(FOLD.format, summaries)))
    folds = html.find_all("details")
    assert [fold["class"] for fold in folds] == [["fold", "sure"], ["fold", "solution"], ["fold", "other"]]
    assert [fold.find("summary").get_text() for fold in folds] == summaries
    assert all(fold.find("strong") and fold.find("li") for fold in folds)
    assert not warnings


def test_the_code_of_a_solution_joins_its_fold(page):
    html, _ = page("# T\n\n" + FOLD.format("Solution"), hidden(), hidden("y = 2"), "**Exercise 2.** Text.",
                   hidden("z = 3"))
    (fold,) = html.select("details.fold")
    assert len(fold.select(".cell_input")) == 2 and not fold.find("details")
    assert "Exercise" not in fold.get_text()
    assert len(html.select("details.hide")) == 1  # what follows no solution keeps its own


def test_figures_of_a_solution_join_it_with_their_caption(page, panel):
    html, _ = page("# T\n\n" + FOLD.format("Solution"), panel("hide-cell"),
                   "**Figure 7.** Drawn. (drawn)\n\nText.")
    (fold,) = html.select("details.fold")
    assert fold.find("figure")["id"] == "figure-7" and fold.select(".cell_input")
    assert "Text." not in fold.get_text()


def test_asides_are_notes_in_the_margin(page):
    html, _ = page("# T\n\n<aside>One <em>sentence</em>.</aside>\n\nText.")
    (aside,) = html.find_all("aside")
    assert aside["class"] == ["margin"] and aside.find("em")
