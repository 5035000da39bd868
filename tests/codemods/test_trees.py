"""Walking trees: everything that ``ast.walk`` finds but contexts and operators, and nothing else."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from alchemove_codemods.trees import children, walk

_MARKS = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
_FILES = [ast.__file__, pytest.__file__, *map(str, Path(ast.__file__).parent.glob("test/test_p*.py"))]
_PATTERNS = """
match point:
    case {"x": 1, **rest} if rest: pass
    case [None, True, *others] | Point(x=0, y=0) as found: pass
"""


def _expected(tree: ast.AST) -> set[int]:
    return {id(node) for node in ast.walk(tree) if not isinstance(node, (*_MARKS, ast.type_ignore))}


@pytest.mark.parametrize("path", _FILES, ids=lambda path: Path(path).name)
def test_a_walk_finds_every_node_of_a_file(path: str) -> None:
    tree = ast.parse(Path(path).read_bytes())

    assert {id(node) for node in walk(tree)} == _expected(tree)


def test_patterns_are_walked_and_their_names_are_no_nodes() -> None:
    tree = ast.parse(_PATTERNS)

    assert {id(node) for node in walk(tree)} == _expected(tree)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is new in Python 3.12")
def test_type_parameters_and_aliases_are_walked() -> None:
    tree = ast.parse("type Pairs[T: int, *Ts, **P] = list[tuple[T, T]]\ndef first[T](x: T) -> T: return x")

    assert {id(node) for node in walk(tree)} == _expected(tree)


def test_the_children_of_a_node_come_in_the_order_of_its_fields() -> None:
    (call,) = (node for node in walk(ast.parse("f(1, *b, c=2)")) if isinstance(node, ast.Call))

    assert [type(child) for child in children(call)] == [ast.Name, ast.Constant, ast.Starred, ast.keyword]
