"""What a student's notebook says of an answer before it is handed in."""

from collections.abc import Callable
from typing import Any

from lrreg_utils.grading.student import Here, Student


def check(namespace: dict[str, Any], *tests: Callable[[Student], None]) -> None:
    """Run the visible tests of a question and print a line for each.

    Args:
        namespace: the notebook's names, ``globals()``.
        tests: functions of a `Student`; the docstring says what is tested, an assertion what is wrong.
    """
    student, wrong = Student(Here(namespace)), 0
    for test in tests:
        said = (test.__doc__ or test.__name__).strip()
        try:
            test(student)
            print(f"✓ {said}")
        except Exception as error:
            wrong += 1
            why = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
            print(f"✗ {said}\n    {why or 'not so'}")
    if not wrong:
        print("All visible tests pass. Other inputs are tested when you hand in.")
