"""Text that is run on what is asked for a mapped class elsewhere: a session, whichever function gave it."""

from __future__ import annotations

import pytest

from alchemove_codemods.engine import Options, run
from tests.codemods.test_text_options import MODELS

STORE = """from models import User


class Store:
    def __init__(self, sessions):
        self.sessions = sessions

    def session(self):
        return self.sessions["main"]

    def client(self, name):
        return self.sessions[name]

    def users(self):
        with self.session() as session:
            return session.query(User).all()

    def more_users(self):
        session = self.client("main")
        return session.query(User).all()

    def counted(self):
"""


def rewritten(body: str) -> str:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    sources = {"models.py": MODELS.encode(), "main.py": (STORE + lines).encode()}
    return run("select", sources, Options()).changed["main.py"].decode().split("def counted(self):\n")[1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'with self.session() as session:\n    return session.execute("delete from users")',
            'session.execute(text("delete from users"))',
        ),
        ('with self.session() as session:\n    return session.scalar("select 1")', 'session.scalar(text("select 1"))'),
        (
            'with self.session() as session:\n    return [dict(row) for row in session.execute("select 1")]',
            'dict(row._mapping) for row in session.execute(text("select 1"))',
        ),
    ],
)
def test_what_a_function_gives_everywhere_is_a_session(before: str, after: str) -> None:
    assert after in rewritten(before)


@pytest.mark.parametrize(
    "body",
    [
        'session = self.client("other")\nreturn session.execute("drop table users")',
        'session = self.session()\nreturn session.execute("drop table users")',
        'with self.session() as session:\n    session = self.client("other")\n    return session.execute("select 1")',
    ],
)
def test_what_it_gives_for_something_or_in_another_way_may_be_anything(body: str) -> None:
    assert "text(" not in rewritten(body)
