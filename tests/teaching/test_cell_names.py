"""What a cell defines, and what it takes from earlier ones, on lines whose names can be told by eye."""

import pytest

from scripts.cell_names import missing, names


@pytest.mark.parametrize("source, defined, taken", [
    ("x = x + 1", {"x"}, {"x"}),
    ("x += 1", {"x"}, {"x"}),
    ("x = 1\nx += 1", {"x"}, set()),
    ("def f(a, *, c=d):\n    e = f(a) + b\n    return e", {"f"}, {"b", "d"}),
    ("import numpy as np\nimport a.b\n[np.sin(i) for i in range(3)]", {"np", "a"}, set()),
    ("{k: v + w for k, v in pairs}\nk", set(), {"w", "pairs", "k"}),
    ("%matplotlib inline\ny = (lambda t: t + z)(1)", {"y"}, {"z"}),
    ("for k in k.parts:\n    print(k)", {"k"}, {"k"}),
    ("with open(name) as file:\n    text = file.read()", {"file", "text"}, {"name"}),
    ("class Stop(Exception):\n    size = width\n", {"Stop"}, {"width"}),
    ("try:\n    go()\nexcept Stop as error:\n    raise error", {"error"}, {"go", "Stop"}),
    ("if (n := count()) > 1:\n    n", {"n"}, {"count"}),
    ("a, *b = c\nd[0].e = b", {"a", "b"}, {"c", "d"}),
])
def test_names_of_a_cell(source, defined, taken):
    assert names(source) == (defined, taken)


def test_what_no_earlier_cell_defines_is_missing():
    assert missing(["a = 1", "b = a + c", "c = 2", "print(b, c)"]) == {"c"}
