"""A line that a rewrite would make too long is broken inside the call, and means the same."""

from __future__ import annotations

import ast

import pytest

from alchemove_codemods import engine

HEAD = """\
from sqlalchemy import Column, Integer, String, delete, func, literal_column, select, update
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String)


def run(session: Session, name):
"""

CASES = {
    "a count": (
        "    total = session.query(User).filter(User.name == name, User.id > 17).count()  # all",
        """\
    total = session.scalar(select(func.count()).select_from(
        select(User).where(User.name == name, User.id > 17).subquery()
    ))  # all""",
    ),
    "links on lines of their own, where the statement is too long for one": (
        '    session.query(User).filter(User.name == name).update({"name": "x" + name}, synchronize_session=False)',
        """\
    session.execute(
        update(User)
        .where(User.name == name)
        .values({"name": "x" + name})
        .execution_options(synchronize_session=False)
    )""",
    ),
    "a condition": (
        "    if not session.query(User).filter(User.name == name).filter(User.id > 7).first(): return",
        """\
    if not session.scalars(
        select(User).where(User.name == name).where(User.id > 7).limit(1)
    ).first(): return""",
    ),
    "what fits stays on its line": (
        "    return session.query(User).filter(User.name == name).all()",
        "    return session.scalars(select(User).where(User.name == name)).all()",
    ),
    "a line that was as long may stay as long": (
        "    return session.query(User).get(name), 111111111111111111111111111111111111111111111111111111",
        "    return session.get(User, name), 111111111111111111111111111111111111111111111111111111",
    ),
    "nothing is broken inside an f-string": (
        '    return f"{session.query(User).filter(User.name == name, User.id > 1777777).count()} found"',
        """    return f"{session.scalar(select(func.count()).select_from(select(User).where(User.name == name, User.id > 1777777).subquery()))} found\"""",
    ),
}


def rewritten(text: str, line_length: int | None = 80) -> str:
    outcome = engine.run("select", {"app.py": text.encode()}, engine.Options(line_length=line_length))
    return outcome.changed.get("app.py", text.encode()).decode()


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_a_rewrite_keeps_to_the_line_length(before: str, after: str) -> None:
    found = rewritten(f"{HEAD}{before}\n").removeprefix(HEAD)

    assert found.rstrip("\n") == after
    assert ast.dump(ast.parse(HEAD + found)) == ast.dump(ast.parse(rewritten(f"{HEAD}{before}\n", None)))


def test_windows_line_endings_and_tabs_are_kept() -> None:
    lines = ["", "if name:", "\tused = session.query(User).filter(User.name == name).filter(User.id > 7).count()"]
    text = HEAD.partition("def run")[0] + "session, name = Session(), 'ed'" + "\n".join(lines) + "\n"
    found = rewritten(text.replace("\n", "\r\n"))

    assert "\n" not in found.replace("\r\n", "")
    assert found.endswith("(\r\n\t\tselect(User).where(User.name == name).where(User.id > 7).subquery()\r\n\t))\r\n")
