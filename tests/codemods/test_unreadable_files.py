"""A file that cannot be parsed may call what it names: it can be of a newer Python than the one that runs alchemove."""

from __future__ import annotations

import sys

import pytest

from alchemove_codemods.engine import run

HELPERS = b"""\
from sqlalchemy import Column, Integer
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)


class Users:
    def __init__(self, session: Session):
        self.session = session

    def listed(self):
        return self.session.query(User).order_by(User.id)

    def all(self):
        return self.listed().all()


def newest(session: Session):
    return session.query(User).order_by(User.id.desc())


def last(session: Session):
    return newest(session).first()
"""
FUTURE = "from helpers import {}\n\nanswer = \u00bf{}\n"


@pytest.mark.parametrize(("name", "use"), [("newest", "newest(session).all()"), ("Users", "Users(session).listed()")])
def test_a_helper_that_a_broken_file_names_keeps_its_query(name: str, use: str) -> None:
    sources = {"helpers.py": HELPERS, "future.py": FUTURE.format(name, use).encode()}
    outcome = run("select", sources)
    assert [f.reason for f in outcome.findings if f.status == "refused"] == ["unknown-callers"]
    assert outcome.count("rewritten") == 1
    assert [problem.path for problem in outcome.problems] == ["future.py"]


def test_a_broken_file_that_names_no_helper_ties_nothing() -> None:
    outcome = run("select", {"helpers.py": HELPERS, "future.py": FUTURE.format("last", "last(session)").encode()})
    assert (outcome.count("rewritten"), outcome.count("refused")) == (2, 0)


def test_the_message_names_the_version_that_could_not_read_the_file() -> None:
    [problem] = run("select", {"future.py": "answer = \u00bfsession.query(1)\n".encode()}).problems
    version = ".".join(map(str, sys.version_info[:2]))
    assert problem.message.startswith(f"not valid Python {version}: ")
    assert (problem.line, problem.column) == (1, 10)
