"""A notebook's names as the tests see them: ``student.NAME`` is a value, or a function that can be called."""

from collections.abc import Callable
from typing import Any, Protocol

from lrreg_utils.grading import wire


class NoAnswer(AssertionError):
    """What a test says of a name that is missing, not yet written, or ends in an error."""


class Answers(Protocol):
    """Where a notebook's names are: in this process, or in one of its own."""

    def ask(self, question: bytes) -> bytes:
        """Pass on what `Student` asks, and return what `reply` answers."""


class Student:
    """The names of one notebook.

    ``student.NAME`` reads a value and ``student.NAME(...)`` calls a function. Give a tensor as `wire.Tensor`;
    tensors come back as arrays.

    Args:
        answers: where the names are.

    Raises:
        NoAnswer: by a name without a plain value, and by a call that ends in an error.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._functions: dict[str, Callable[..., Any]] = {}  # a test that loops asks once what a name is

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._functions:
            return self._functions[name]
        answer = self._ask({"name": name})
        if "function" not in answer:
            return answer["value"]
        return self._functions.setdefault(name, self._function(name))

    def _function(self, name: str) -> Callable[..., Any]:
        def call(*values: Any, **named: Any) -> Any:
            return self._ask({"name": name, "values": values, "named": named})["value"]

        return call

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = wire.loads(self._answers.ask(wire.dumps(question)))
        except ValueError as error:
            raise NoAnswer(f"`{question['name']}` gives nothing that can be read: {error}") from None
        if "failed" in answer:
            raise NoAnswer(f"`{question['name']}` {answer['failed']}")
        return answer


def reply(namespace: dict[str, Any], question: bytes) -> bytes:
    """Answer one question of a `Student` from a notebook's names.

    Returns:
        Text of a dictionary: ``value``, or ``function`` for what can be called, or ``failed`` and why.
    """
    asked = wire.loads(question, tensors=True)
    name = asked["name"]
    if name not in namespace:
        return wire.dumps({"failed": "is not defined: run the cell with your answer"})
    value = namespace[name]
    try:
        if "values" in asked:
            value = value(*asked["values"], **asked["named"])
        elif callable(value):
            return wire.dumps({"function": True})
        if value is None or value is ...:
            return wire.dumps({"failed": "gives nothing yet: replace the dots by your answer"})
        return wire.dumps({"value": value})
    except wire.NotPlain as error:
        return wire.dumps({"failed": f"gives {error}; numbers, lists or arrays can be tested"})
    except Exception as error:
        return wire.dumps({"failed": f"ends with {type(error).__name__}: {str(error)[:300]}"})


class Here:
    """The names of the notebook that asks, in this process."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def ask(self, question: bytes) -> bytes:
        return reply(self._namespace, question)
