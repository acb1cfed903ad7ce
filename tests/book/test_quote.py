"""Numbers that a cell hands to the text of its page."""

import pytest

from lrreg_utils.book.quote import fill, numbers_of, quote, quoted


class Lead:
    numbers = {"lead": "6.1 ± 0.9"}  # noqa: RUF012


def cell(source, text):
    return {"source": source, "outputs": [{"output_type": "stream", "text": text}]}


def test_numbers_go_from_a_cell_to_the_text(capsys):
    quote(Lead(), gap="3.5 points")
    numbers = numbers_of([cell("lr.quote(lead)", capsys.readouterr().out), cell("print(1)", "x = 2\n")])
    assert numbers == {"lead": "6.1 ± 0.9", "gap": "3.5 points"}
    text = "It leads by <!--=lead-->5.0<!--/--> and ends <!--=gap--><!--/--> ahead."
    filled = fill(text, numbers)
    assert filled == "It leads by <!--=lead-->6.1 ± 0.9<!--/--> and ends <!--=gap-->3.5 points<!--/--> ahead."
    assert quoted(filled) == list(numbers.items())
    with pytest.raises(KeyError, match="lead"):
        fill(text, {})


def test_what_cannot_be_quoted_is_refused_before_anything_is_printed(capsys):
    with pytest.raises(TypeError, match="gap must be text"):
        quote(first="1", gap=3.5123)
    with pytest.raises(TypeError, match="lead is given twice"):
        quote(Lead(), lead="1")
    assert not capsys.readouterr().out
    with pytest.raises(ValueError, match="same name"):
        numbers_of([cell("lr.quote(a)", "a = 1\n"), cell("lr.quote(b)", "a = 2\n")])
