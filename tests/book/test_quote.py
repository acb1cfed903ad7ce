"""Numbers that a cell hands to the text of its page."""

import pytest

from lrreg_utils.book.quote import MARK, fill, numbers_of, quote


class Lead:
    numbers = {"lead": "6.1 ± 0.9"}  # noqa: RUF012


def cell(source, text):
    return {"source": source, "outputs": [{"output_type": "stream", "text": text}]}


def test_numbers_go_from_a_cell_to_the_text(capsys):
    quote(digits=Lead(), gap="3.5 points")
    numbers = numbers_of([cell("lr.quote(lead)", capsys.readouterr().out), cell("print(1)", "x = 2\n")])
    assert numbers == {"digits_lead": "6.1 ± 0.9", "gap": "3.5 points"}
    text = "It leads by <!--=digits_lead-->5.0<!--/--> and ends <!--=gap--><!--/--> ahead."
    filled = fill(text, numbers)
    assert filled == text.replace("5.0", "6.1 ± 0.9").replace("--><!", "-->3.5 points<!")
    assert MARK.findall(filled) == list(numbers.items())
    with pytest.raises(KeyError, match="lead"):
        fill(text, {})


def test_what_cannot_be_quoted_is_refused_before_anything_is_printed(capsys):
    with pytest.raises(TypeError, match="gap must be text"):
        quote(first="1", gap=3.5123)
    assert not capsys.readouterr().out
    with pytest.raises(TypeError, match="twice"):
        quote({"digits": Lead()}, digits_lead="1")
    assert not capsys.readouterr().out
    with pytest.raises(ValueError, match="same name"):
        numbers_of([cell("lr.quote(a)", "a = 1\n"), cell("lr.quote(b)", "a = 2\n")])
