"""The names that a notebook's cell defines, and those that it takes from earlier cells; nothing is run."""

import ast
import builtins

from IPython.core.inputtransformer2 import TransformerManager

GIVEN = {*dir(builtins), "display", "get_ipython"}
SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell defines, and those that it takes."""
    found = _Names()
    found.visit(ast.parse(TransformerManager().transform_cell(source)))
    return found.defined, found.taken - GIVEN


def missing(cells: list[str]) -> set[str]:
    """Names that a cell takes and no earlier one defines."""
    known: set[str] = set()
    found: set[str] = set()
    for source in cells:
        defined, taken = names(source)
        found |= taken - known
        known |= defined
    return found


class _Names(ast.NodeVisitor):
    """Walks through statements as they run; a function takes its names where it is defined."""

    def __init__(self) -> None:
        self.defined: set[str] = set()
        self.taken: set[str] = set()
        self._local: list[set[str]] = []  # of the functions and comprehensions around

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._take(node.id)
        else:
            self._define(node.id)

    def visit_alias(self, node: ast.alias) -> None:
        self._define(node.asname or node.name.split(".")[0])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._define(node.name)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._take(node.target.id)
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        """Visit what is computed before what it is bound to."""
        if isinstance(node, SCOPES | COMPREHENSIONS):
            self._scope(node)
            return
        children = list(ast.iter_child_nodes(node))
        first = [child for name in ("value", "iter", "context_expr") if (child := getattr(node, name, None))
                 in children]
        for child in first + [child for child in children if child not in first]:
            self.visit(child)

    def _scope(self, node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._define(node.name)
        inside = list(ast.walk(node))
        self._local.append({one.arg for one in inside if isinstance(one, ast.arg)}
                           | {one.id for one in inside if isinstance(one, ast.Name)
                              and not isinstance(one.ctx, ast.Load)})
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        self._local.pop()

    def _define(self, name: str) -> None:
        (self._local[-1] if self._local else self.defined).add(name)

    def _take(self, name: str) -> None:
        if name not in self.defined and not any(name in local for local in self._local):
            self.taken.add(name)
