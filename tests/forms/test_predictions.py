"""Predictions: what is asked, what is covered, and the score of all pages."""

import re

ASKED = "**Predict.** Which **rate** leads?\n\n- the large rate\n- the small rate\n- neither"


def after(prediction) -> list[str]:
    """The elements that follow a prediction in its section."""
    return [node.name for node in prediction.find_next_siblings()]


def test_all_that_follows_is_covered_up_to_the_next_heading(page, panel):
    html, warnings = page("# T\n\n" + ASKED, panel("remove-input"), "**Figure 1.** Curves. (drawn)\n\n"
                          "**Answer: the small rate.** By <!--=x-->9.2<!--/--> points.\n\nText goes on.\n\n"
                          "<details><summary>Why?</summary>\n\nSo.\n\n</details>",
                          "The last words.\n\n## Next\n\nOther text.")
    (prediction,) = html.select(".prediction")
    assert prediction["id"] == "predict-1" and prediction["data-answer"] == "the small rate"
    question, options, result = prediction.find_all(recursive=False)
    assert question.name == "p" and len(options.find_all("li")) == 3
    assert result["class"] == ["result"] and result.find("figure") and result.find("details")
    assert result.select_one("p.answer").get_text().startswith("Answer: the small rate.")
    assert "Text goes on." in result.get_text() and "The last words." in result.get_text()
    assert after(prediction) == ["section"] and "Other text." not in prediction.get_text()
    assert not warnings


def test_an_answer_that_is_no_option_is_told(page):
    _, warnings = page(f"# T\n\n{ASKED}\n\nText.\n\n**Answer: both.** They do.")
    assert "'both' is none of the options: the large rate, the small rate, neither" in warnings


def test_a_question_without_options_or_answer_is_told(page):
    html, warnings = page(f"# T\n\n{ASKED}\n\nText.")
    assert "lacks" in warnings and not html.select(".prediction")
    _, warnings = page("# T\n\n**Predict.** What?\n\nText.\n\n**Answer: both.** They do.")
    assert "lacks" in warnings


def test_two_questions_of_a_page_have_their_own_answers(page):
    html, warnings = page(f"# T\n\n{ASKED}\n\n**Answer: neither.** So.",
                          f"Text.\n\n{ASKED}\n\n**Answer: the large rate.** So.\n\nThe end.")
    assert [box["data-answer"] for box in html.select(".prediction")] == ["neither", "the large rate"]
    assert [box["id"] for box in html.select(".prediction")] == ["predict-1", "predict-2"]
    assert [after(box) for box in html.select(".prediction")] == [["div"], []]
    assert not warnings


def test_the_score_lists_the_questions_of_all_pages(site):
    asked = f"# T\n\n{ASKED}\n\n**Answer: neither.** So."
    pages, warnings = site(one=[asked], two=["# S\n\n**Your predictions.** You said:", asked[4:]])
    items = pages["two"].select("ol.score > li")
    assert [item["data-prediction"] for item in items] == ["one#predict-1", "two#predict-1"]
    assert [item.find("a")["href"] for item in items] == ["one.html#predict-1", "#predict-1"]
    assert {item["data-answer"] for item in items} == {"neither"}
    assert all(re.match("Which rate leads?", item.get_text().strip()) for item in items)
    assert not warnings
