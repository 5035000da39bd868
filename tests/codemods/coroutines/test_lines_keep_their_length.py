"""Lines that `await` and `async` make too long are broken, and mean the same."""

from __future__ import annotations

import ast

import pytest

from alchemove_codemods.engine import Options, run
from alchemove_codemods.rewrite.widths import fitted
from tests.codemods.coroutines.test_programs_become_async import COMMON
from tests.codemods.test_programs import tree

HEAD = """\
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Post, User

app = FastAPI()
"""

CASES = {
    "a chain is broken where it is awaited": (
        "    return db.scalars(select(User).where(User.name == name)).unique().all()",
        """\
    return (
        await db.scalars(select(User).where(User.name == name))
    ).unique().all()""",
    ),
    "what fits stays on its line": (
        "    return db.scalars(select(User).where(User.id == 1)).unique().all()",
        "    return (await db.scalars(select(User).where(User.id == 1))).unique().all()",
    ),
    "a comprehension": (
        "    return [db.get(Post, user.id).title for user in db.scalars(select(User)) if user.name != name]",
        """\
    return [
        (await db.get(Post, user.id)).title
        for user in await db.scalars(select(User))
        if user.name != name
    ]""",
    ),
    "arguments on lines of their own": (
        "    return db.execute(select(User.name, User.id, Post.title, Post.id), {}, execution_options={'a': 1, 'b': 2})",
        """\
    return await db.execute(
        select(User.name, User.id, Post.title, Post.id),
        {},
        execution_options={'a': 1, 'b': 2},
    )""",
    ),
    "a line that was as long may stay as long": (
        "    return 11111111111111111111111111111111111111111111111111111111111111111111111111, db.get(User, 1)",
        "    return 11111111111111111111111111111111111111111111111111111111111111111111111111, await db.get(User, 1)",
    ),
    "comments count for nothing": (
        "    return db.get(User, 1)  # whoever it may be who was the very first to come here",
        "    return await db.get(User, 1)  # whoever it may be who was the very first to come here",
    ),
}


def rewritten(line: str, width: int | None, newline: str = "\n") -> str:
    """What becomes of an endpoint whose body is *line*."""
    text = f'{HEAD}\n\n@app.get("/")\ndef endpoint(name: str, db: Session = Depends(get_db)):\n{line}\n'
    sources = {**tree(COMMON), "api.py": text.replace("\n", newline).encode()}
    return run("async", sources, Options(line_length=width)).changed["api.py"].decode()


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_a_rewrite_keeps_to_the_line_length(before: str, after: str) -> None:
    found = rewritten(before, 80)
    assert found.partition("SessionDep):\n")[2] == f"{after}\n"
    assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(rewritten(before, None)))


def test_windows_line_endings_are_kept() -> None:
    found = rewritten("    return db.scalars(select(User).where(User.name == name)).unique().all()", 80, "\r\n")
    assert "\n" not in found.replace("\r\n", "")
    assert "    return (\r\n        await db.scalars(" in found


def test_the_head_of_a_function_is_broken_between_its_parameters() -> None:
    head = "def described(first_name: str, second_name: str, db: Session) -> dict[str, list[int]]:"
    assert fitted(head, f"async {head}", 85).splitlines() == [
        "async def described(",
        "    first_name: str, second_name: str, db: Session",
        ") -> dict[str, list[int]]:",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "value = f'{call(first, second)} and {call(third, fourth)} are both inside'",
        "value = {name: (a, b) for name, (a, b) in sorted(found.items(), key=lambda pair, *rest: pair[1])}",
        "value[first, second, third, fourth] = call(*first, **second)[first, second, third]",
        "value = sorted(first for first in second if first if second for third in first)[0]",
        "value = call(lambda first, *second, third=[1, 2]: (first, second), first, key=lambda: 3, other=third)",
        "value = call('a long text ( with a bracket', second)  # and a comment ( with one",
    ],
)
@pytest.mark.parametrize("width", [10, 20, 30, 40, 50, 60, 70])
def test_what_is_broken_means_the_same(line: str, width: int) -> None:
    assert ast.dump(ast.parse(fitted("", line, width))) == ast.dump(ast.parse(line))
