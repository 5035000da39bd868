"""Functions that call each other in circles are followed once, and not on each of the thousands of ways through them."""

from __future__ import annotations

import pytest

from alchemove_codemods.engine import run
from tests.codemods.coroutines.test_programs_become_async import COMMON
from tests.codemods.test_programs import tree

_HEAD = """\
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import User

app = FastAPI()


@app.get("/names")
def names(db: Session = Depends(get_db)):
    user = step_0(db, 9)
    {0}
    return user.posts[0].title
"""
_CHANGED = """


def step_{0}(db: Session, depth: int):
    user = db.scalars(select(User)).one()
    {1}
    user.name = f"depth {{depth}}"
    return user
"""
_RETURNED = """


def step_{0}(db: Session, depth: int):
    if depth == {0}:
        return db.scalars(select(User)).one()
    {1}
    return None
"""


def _tangled(text: str, count: int, line: str) -> bytes:
    """An application of *count* functions, each of which calls all of them."""
    calls = "\n    ".join(line.format(other) for other in range(count))
    functions = "".join(text.format(index, calls) for index in range(count))
    commit = "db.commit()" if ".name = " in text else ""
    return (_HEAD.format(commit) + functions).encode()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (_CHANGED, "depth > {0} and step_{0}(db, depth - 1)"),
        (_RETURNED, "if depth > {0}:\n        return step_{0}(db, depth - 1)"),
    ],
    ids=["changed", "returned"],
)
def test_functions_that_all_call_each_other_are_decided_about(text: str, line: str) -> None:
    outcome = run("async", {**tree(COMMON), "api.py": _tangled(text, 9, line)})

    assert not outcome.problems
    assert any(f.path == "api.py" for f in outcome.findings)
