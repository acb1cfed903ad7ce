"""Tables: the same cells as text and as HTML."""

import re

import pytest

from lrreg_utils.tables import Cell, Grid, Table, counted

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
    with pytest.raises(ValueError, match="a row of 2 cells under a head of 3"):
        Table(("a", "b", "c"), [("d", "e")])


def test_a_single_cell_titles_the_rows_below_it():
    titled = Table(("what", "seeds"), [("It is, & that is long.",), ("here", "3")])
    assert str(titled).splitlines() == ["what  seeds", "It is, & that is long.", "here      3"]
    html = titled._repr_html_()
    assert re.search('<tr><th colspan="2" scope="rowgroup"[^>]*>It is, &amp; that is long.</th></tr>', html)
    assert '<td class="number">3</td>' in html


def test_a_cell_of_a_grid_leads_to_its_rows_and_says_its_symbol():
    grid = Grid(("", "on digits", "on photos"), [
        ("Puzzle", [Cell("●", "holds", "3/3", [("it is", "3 of 3")], 100), None]),
        ("Noise", [None, Cell("◔", "in part", "1/6", [("it is", "1 of 3"), ("it was", "0 of 3")], 25)]),
    ], ("claim", "seeds"), "seeds & all")
    assert str(grid).splitlines()[1:] == [
        "Puzzle  ● 3/3", "Noise              ◔ 1/6", "seeds & all", "", "claim    seeds", "Puzzle, on digits",
        "it is   3 of 3", "Noise, on photos", "it is   1 of 3", "it was  0 of 3"]
    assert "<p>seeds &amp; all</p>" in grid._repr_html_()
    html = grid._repr_html_()
    links, places = re.findall(r'href="#([^"]+)"', html), re.findall(r'id="([^"]+)"', html)
    assert links == ["rows-puzzle-on-digits", "rows-noise-on-photos"]
    assert places == ["rows-puzzle", "rows-noise", *links]
    shown, folded = html.split("<details")
    assert re.findall(r'"--held: (\d+)%"', shown) == ["100", "25"]
    assert re.findall(r'aria-label="([^"]+)"', shown) == ["holds", "in part"] and 'class="in-part"' in shown
    assert shown.count("<td></td>") == 2
    assert re.findall(r"<td>(.*?)</td>", folded) == [
        "it is", "3 of 3", "it is", "1 of 3", "it was", "0 of 3"]


def test_a_count_has_its_noun_in_the_right_number():
    assert [counted(count, "run") for count in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]
    assert [counted(count, "history", "histories") for count in (1, 7)] == ["1 history", "7 histories"]
