"""Tables: the same cells as text and as HTML."""

import re

import pytest

from lrreg_utils.tables import Table

SMALL = Table(("schedule", "test %", "what"),
              [("large_lr", "9.5 ± 1.0", "<b>"), ("small", "10.0", "of & two")], "Both", ["a line below"])


def test_text_is_aligned_and_numbers_are_flush_right():
    assert str(SMALL).splitlines() == [
        "Both",
        "schedule     test %  what",
        "large_lr  9.5 ± 1.0  <b>",
        "small          10.0  of & two",
        "a line below",
    ]
    assert repr(SMALL) == str(SMALL)


def test_html_holds_the_same_cells_and_escapes_them():
    html = SMALL._repr_html_()
    assert re.findall(r"<th [^>]*>(.*?)</th>", html) == ["schedule", "test %", "what"]
    assert re.findall(r"<td[^>]*>(.*?)</td>", html) == [
        "large_<wbr>lr", "9.5&nbsp;±&nbsp;1.0", "&lt;b&gt;", "small", "10.0", "of &amp; two"]
    assert html.count('class="number"') == 3  # a head and two cells
    assert "<caption>Both</caption>" in html and html.endswith("<p>a line below</p>")


def test_every_row_has_as_many_cells_as_the_head():
    with pytest.raises(ValueError, match="a row of 1 cells under a head of 2"):
        Table(("a", "b"), [("c",)])
