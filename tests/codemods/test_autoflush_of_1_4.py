"""What does not autoflush on SQLAlchemy 1.4 stays where the project allows 1.x only: there the criteria of a statement do not run it through the ORM."""

from __future__ import annotations

import pytest

from alchemove_codemods.engine import Options, run
from alchemove_codemods.findings import Outcome
from alchemove_codemods.pinned import ANY, Allowed
from tests.codemods.test_text_options import MODELS

HEAD = """from sqlalchemy import case, exists, func, literal
from sqlalchemy.orm import Session

from models import Address, User


def found(session: Session):
    return """
OLD: Allowed = ((1, 3), (1, 4))
COMPARING = [
    "session.query(exists().where(User.id == 1)).scalar()",
    "session.query(literal(1)).filter(User.id == 1).all()",
    "session.query(func.count()).filter(User.id == 1).scalar()",
]
SELECTING = [
    "session.query(func.count(User.id)).scalar()",
    "session.query(func.count()).select_from(User).filter(User.id == 1).scalar()",
    "session.query(User.id + 1).all()",
    "session.query(case((User.id == 1, 1), else_=0)).all()",
    "session.query(literal(1)).select_from(Address).join(User).all()",
    "session.query(literal(1), User.id).filter(User.id == 1).all()",
    "session.query(User).filter(exists().where(Address.id == User.id)).all()",
]


def outcome_of(text: str, versions: Allowed | None) -> Outcome:
    sources = {"models.py": MODELS.encode(), "main.py": f"{HEAD}{text}\n".encode()}
    return run("select", sources, Options(sqlalchemy=versions))


@pytest.mark.parametrize("chain", COMPARING)
def test_what_only_compares_stays(chain: str) -> None:
    outcome = outcome_of(chain, OLD)
    assert not outcome.changed
    assert [finding.reason for finding in outcome.findings] == ["core-only-autoflush"]


@pytest.mark.parametrize("chain", SELECTING)
def test_what_selects_is_rewritten(chain: str) -> None:
    assert b"session.query" not in outcome_of(chain, OLD).changed["main.py"]


def test_columns_of_one_class_or_another_are_rewritten() -> None:
    columns = "session.query(func.max(User.id)) if session.info else session.query(func.max(Address.id)).filter(Address.id > 1)"
    assert b"session.query" not in outcome_of(f"({columns}).scalar()", OLD).changed["main.py"]


def test_columns_that_may_be_those_of_no_class_stay() -> None:
    columns = "session.query(func.max(User.id)) if session.info else session.query(literal(1))"
    assert {f.reason for f in outcome_of(f"({columns}).scalar()", OLD).findings} == {"core-only-autoflush"}


@pytest.mark.parametrize("versions", [((1, 4), ANY), ((2, 0), ANY), None])
@pytest.mark.parametrize("chain", [*COMPARING, *SELECTING])
def test_on_2_0_both_autoflush(chain: str, versions: Allowed | None) -> None:
    assert b"session.query" not in outcome_of(chain, versions).changed["main.py"]


HYBRIDS = """from sqlalchemy import Column, ForeignKey, Integer, exists, func, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()


class Part(Base):
    __tablename__ = "part"
    id = Column(Integer, primary_key=True)
    box_id = Column(Integer, ForeignKey("box.id"))


class Box(Base):
    __tablename__ = "box"
    id = Column(Integer, primary_key=True)

    @hybrid_property
    def double(self):
        return self.id * 2

    @hybrid_property
    def parts(self):
        return 0

    @parts.expression
    def parts(cls):
        return select(func.count(Part.id)).where(Part.box_id == cls.id).scalar_subquery()

    @hybrid_property
    def weight(self):
        return 0

    @weight.expression
    def weight(cls):
        return cls._weight()

    @weight.setter
    def weight(self, weight):
        pass

    @hybrid_property
    def filled(self):
        return False

    @filled.expression
    def filled(cls):
        return exists().where(Part.box_id == cls.id)


def found(session: Session):
    return session.query(Box.{selected}).all()
"""


@pytest.mark.parametrize(
    ("selected", "versions", "stays"),
    [
        ("double", OLD, False),
        ("parts", OLD, True),
        ("parts, Box.id", OLD, False),
        ("weight", OLD, True),
        ("filled", OLD, True),
        ("parts", ((2, 0), ANY), False),
        ("weight", ((2, 0), ANY), False),
        ("filled", ((2, 0), ANY), True),
        ("filled, Box.id", ((2, 0), ANY), False),
    ],
)
def test_hybrids_are_what_their_expression_is_made_of(selected: str, versions: Allowed, stays: bool) -> None:
    sources = {"main.py": HYBRIDS.format(selected=selected).encode()}
    outcome = run("select", sources, Options(sqlalchemy=versions))
    assert {f.reason for f in outcome.findings if f.reason} == ({"core-only-autoflush"} if stays else set())
