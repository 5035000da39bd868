"""What only a newer Python can parse is read by an older one, too, and stays as it is written."""

from __future__ import annotations

import ast

import pytest

from alchemove_codemods.engine import run
from alchemove_codemods.newer import readable
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


_NEWER = [
    ("def first[T](x: T) -> T: ...\n", "def first   (x: T) -> T: ...\n"),
    (
        "async def first[\n    T: (int, str),  # one\n    U\n](x): ...\n",
        "async def first\\\n" + " " * 24 + "\\\n    \\\n (x): ...\n",
    ),
    ("class Repository[T: Base](Held[T]): ...\n", "class Repository         (Held[T]): ...\n"),
    ("type Pair[A, B] = dict[A, B]\n", "type;Pair       = dict[A, B]\n"),
    ("if True: type Key = int\n", "if True: type;Key = int\n"),
    ("x = f'{d['a']} {d[\"b\"]}'\n", 'x = f\'{d["a"]} {d["b"]}\'\n'),
    ("x = f'{\"\\n\".join(d)}\\n{{'  # f'{d['a']}'\n", "x = f'{\"__\".join(d)}\\n{{'  # f'{d['a']}'\n"),
    ('x = f"{f"{d[\'a\']}" if d else b"it\'s"!r:>{w}}"\n', None),
    ('x = f"{f"{y}" if d else b"it\'s"!r:>{w}}"\n', "x = f\"{f'{y}' if d else b'it_s'!r:>{w}}\"\n"),
    ('x = f"""{d["a"]} {f"{e[\'b\']}"}"""\n', 'x = f"""{d["a"]} {f"{e[\'b\']}"}"""\n'),
    ('x = f"id {\n  y.z\n} or {w}.\\n"\n', 'x = f""" {\n  y.z\n} or {w}."""\n'),
    ("x = f'y: {d[\n  'a']} {{b}}'\n", "x = f''' {d[\n  'a']} {{b'''\n"),
    ("x = rf'{{y: {d['a']:>{\n  w}} \"b'\n", "x = rf'''y: {d['a']:>{\n  w}} '''\n"),
    ('x = f"id {\n  y} \\\n"\n', None),
    ('x = f"{{{\n  y} or"\n', 'x = f"""{\n  y} """\n'),
    ('x = f"a{{{\n  y} or"\n', None),
    ('x = f"a{\n  y}"\n', None),
    ('x = f"{\n  y}"\n', None),
    ('x = f"id {y  # it\n} or"\n', None),
    ("type = 3\ntype [0]\nx = 'f{d['\n", "type = 3\ntype [0]\nx = 'f{d['\n"),
]


@pytest.mark.parametrize(("text", "old"), _NEWER)
def test_what_is_newer_is_told_in_the_old_way_and_stands_where_it_stood(text: str, old: str | None) -> None:
    made = readable(text)

    assert made == (text if old is None else old)
    assert [len(line) for line in made.split("\n")] == [len(line) for line in text.split("\n")]
    if old is not None:
        ast.parse(made)


def test_a_file_with_nested_quotes_and_type_parameters_is_rewritten() -> None:
    legacy = b"""\
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()

type Names = dict[str, str]


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String)


class Repository[T]:
    def __init__(self, session: Session, kept: Names):
        self.session = session
        self.kept = kept

    def named[K](self, key: K) -> User:
        print(f"{self.kept["key"]}: {key}")  # \xe2\x82\xac
        return self.session.query(User).filter(User.name == f"{self.kept["name"]}#").first()  # it


def first(session: Session, names: list[str]):
    return f"{", ".join(names)}", session.query(User).first()
"""
    outcome = run("select", {"users.py": legacy})

    assert not outcome.problems
    changed = outcome.changed["users.py"]
    expected = legacy.replace(b"import Column, Integer, String", b"import Column, Integer, String, select")
    expected = expected.replace(b"self.session.query(User).filter(", b"self.session.scalars(select(User).where(")
    expected = expected.replace(b'"name"]}#").first()', b'"name"]}#").limit(1)).first()')
    assert changed == expected.replace(
        b"session.query(User).first()", b"session.scalars(select(User).limit(1)).first()"
    )
    assert not run("select", {"users.py": changed}).changed
