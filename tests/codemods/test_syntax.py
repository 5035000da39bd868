"""``except A, B:`` is read as Python 3.14 reads it, also by an older Python, and stays as it is written."""

from __future__ import annotations

import ast

import pytest

from alchemove_codemods.engine import run
from alchemove_codemods.syntax import parse

_CAUGHT = """\
def load(session, User):
    try:
        return session.query(User).first()
    except {}:
        return None
"""
_CLAUSES = [
    ("KeyError, ValueError", 2),
    ("KeyError ,  # first\\\n".replace("  # first", "") + "        errors.Wrong", 2),
    ("KeyError, errors.of.Wrong, ValueError", 3),
]


@pytest.mark.parametrize(("clause", "count"), _CLAUSES)
def test_exceptions_without_parentheses_are_a_tuple(clause: str, count: int) -> None:
    text = _CAUGHT.format(clause)

    [handler] = [n for n in ast.walk(parse(text)) if isinstance(n, ast.ExceptHandler)]

    assert isinstance(handler.type, ast.Tuple)
    assert len(handler.type.elts) == count
    assert ast.get_source_segment(text, handler.type) == clause
    expected = ast.parse(_CAUGHT.format(f"({clause})"))
    assert ast.dump(parse(text)) == ast.dump(expected)


@pytest.mark.parametrize(
    "clause",
    [
        "ValueError, error",  # Python 2: a variable
        "KeyError, ValueError as error",
        "KeyError | ValueError, error",
        "f(KeyError), ValueError",
        "KeyError,",
        ", KeyError",
    ],
)
def test_what_is_no_list_of_exceptions_is_not_valid(clause: str) -> None:
    with pytest.raises(SyntaxError):
        parse(_CAUGHT.format(clause))


def test_another_mistake_is_reported_where_it_is() -> None:
    with pytest.raises(SyntaxError) as caught:
        parse(_CAUGHT.format("KeyError, ValueError") + "answer = )\n")
    assert caught.value.lineno is not None


def test_an_operator_between_exceptions_stays_one() -> None:
    text = _CAUGHT.format("KeyError | ValueError")
    assert ast.dump(parse(text)) == ast.dump(ast.parse(text))


def test_a_file_for_the_newest_python_is_rewritten_and_nothing_else_in_it_changes() -> None:
    legacy = b"""\
from sqlalchemy import Column, Integer
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)


def load(session: Session, key: str):
    try:
        return session.query(User).filter(User.id == int(key)).one_or_none()
    except TypeError, ValueError:  # no number
        return None
"""
    outcome = run("select", {"users.py": legacy})

    assert not outcome.problems
    changed = outcome.changed["users.py"].decode()
    assert "session.scalars(select(User).where(User.id == int(key))).one_or_none()" in changed
    assert "    except TypeError, ValueError:  # no number\n" in changed
    assert not run("select", {"users.py": outcome.changed["users.py"]}).changed
