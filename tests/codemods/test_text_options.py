"""Relationships that loader options name by text become attributes where the project allows SQLAlchemy 1.x only."""

from __future__ import annotations

from pathlib import Path

import pytest

from alchemove_codemods.engine import Options, run
from alchemove_codemods.findings import Outcome
from alchemove_codemods.pinned import ANY, Allowed, allowed

MODELS = """from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(20))
    addresses = relationship("Address", back_populates="user")


class Address(Base):
    __tablename__ = "addresses"
    id = Column(Integer, primary_key=True)
    email = Column(String(20))
    user_id = Column(ForeignKey("users.id"))
    user = relationship(User, back_populates="addresses")


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    user = relationship(User, backref="notes")
"""
HEAD = """from sqlalchemy.orm import Session, contains_eager, defer, joinedload, load_only, subqueryload

from models import Address, User


def found(session: Session):
    return """
OLD: Allowed = ((1, 4), (1, 4))


def outcome_of(text: str, versions: Allowed | None = OLD) -> Outcome:
    sources = {"models.py": MODELS.encode(), "main.py": f"{HEAD}{text}\n".encode()}
    return run("select", sources, Options(sqlalchemy=versions))


def rewritten(text: str) -> str:
    changed = outcome_of(text).changed["main.py"].decode()
    return changed.split("return ", 1)[1].strip()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'session.query(User).options(joinedload("addresses")).all()',
            "session.scalars(select(User).options(joinedload(User.addresses))).unique().all()",
        ),
        (
            'session.query(Address).options(joinedload("user")).all()',
            "session.scalars(select(Address).options(joinedload(Address.user))).all()",
        ),
        (
            'session.query(User).options(subqueryload("addresses.user")).all()',
            "session.scalars(select(User).options(defaultload(User.addresses).subqueryload(Address.user))).all()",
        ),
        (
            'session.query(Address).options(joinedload("user").load_only("id", "name")).all()',
            "session.scalars(select(Address).options(joinedload(Address.user).load_only(User.id, User.name))).all()",
        ),
        (
            'session.query(Address).options(joinedload(Address.user).joinedload("addresses")).all()',
            "session.scalars(select(Address).options(joinedload(Address.user).joinedload(User.addresses))).unique().all()",
        ),
        (
            'session.query(Address).options([joinedload("user"), defer("email")]).all()',
            "session.scalars(select(Address).options(joinedload(Address.user), defer(Address.email))).all()",
        ),
        (
            'session.query(User).options(joinedload("addresses")).get(1)',
            "session.get(User, 1, options=[joinedload(User.addresses)])",
        ),
        (
            'session.query(Address).join(Address.user).options(contains_eager("user")).all()',
            "session.scalars(select(Address).join(Address.user).options(contains_eager(Address.user))).all()",
        ),
    ],
)
def test_texts_become_attributes(before: str, after: str) -> None:
    assert rewritten(before) == after


OF_A_PARENT = """session.query(Address).with_parent(user, "addresses").all()


def named(session: Session):
    user = session.query(User).one()
    return session.query(Address.id).with_parent(user, "addresses").all()"""


def test_a_relationship_to_a_parent_becomes_an_attribute_where_the_class_of_the_parent_is_known() -> None:
    outcome = outcome_of(OF_A_PARENT)
    assert (
        "return session.execute(select(Address.id).where(with_parent(user, User.addresses))).all()"
        in outcome.changed["main.py"].decode()
    )
    assert [finding.reason for finding in outcome.findings if finding.status == "refused"] == ["with-parent"]


@pytest.mark.parametrize("versions", [None, ((1, 4), (2, 0))])
def test_where_2_0_is_allowed_a_parent_by_text_stays(versions: Allowed | None) -> None:
    reasons = [f.reason for f in outcome_of(OF_A_PARENT, versions).findings if f.status == "refused"]
    assert reasons == ["with-parent", "with-parent"]


def test_the_lines_and_comments_between_the_options_stay() -> None:
    text = """(
        session.query(User)
        .options(
            joinedload("addresses"),  # for the form
            load_only("name"),
        )
        .all()
    )"""
    lines = [line.strip() for line in rewritten(text).splitlines()]
    at = lines.index(".options(")
    assert lines[at + 1 : at + 3] == ["joinedload(User.addresses),  # for the form", "load_only(User.name),"]


@pytest.mark.parametrize(
    "text",
    [
        'session.query(User).options(joinedload("nothing")).all()',
        'session.query(User.id).options(joinedload("addresses")).all()',
        'session.query(User).options(joinedload("addresses", "user")).all()',
        # A path that is given two strategies keeps the first one as a text, the last one as an attribute.
        'session.query(User).options(subqueryload("addresses.user"), joinedload("addresses.user")).all()',
        'session.query(User).options(joinedload("addresses").joinedload("user"), subqueryload("addresses.user")).all()',
        # Raises on 1.x, too.
        'session.query(Address).options(joinedload("user").subqueryload("addresses.user")).all()',
    ],
)
def test_what_is_not_certain_stays(text: str) -> None:
    outcome = outcome_of(text)
    assert not outcome.changed
    assert [finding.reason for finding in outcome.findings] == ["string-options"]


def test_what_a_backref_makes_may_not_exist_yet() -> None:
    modern = "session.scalars(select(class_mapper(User)).options(joinedload(User.notes))).unique().all()"
    assert rewritten('session.query(User).options(joinedload("notes")).all()') == modern


def test_a_join_may_name_it_as_text_and_reach_it_through_another_relationship() -> None:
    modern = "session.scalars(select(class_mapper(User)).join(User.notes)).unique().all()"
    assert rewritten('session.query(User).join("notes").all()') == modern
    modern = "session.scalars(select(class_mapper(Address)).join(Address.user).join(User.notes)).unique().all()"
    assert rewritten('session.query(Address).join("user", "notes").all()') == modern
    modern = "session.scalars(select(User).join(User.addresses)).unique().all()"
    assert rewritten('session.query(User).join("addresses").all()') == modern


def test_get_does_not_configure_the_mappers_before_its_options() -> None:
    outcome = outcome_of('session.query(User).options(joinedload("notes")).get(1)')
    assert [finding.reason for finding in outcome.findings] == ["backref-first"]


@pytest.mark.parametrize("versions", [None, ((1, 4), (2, 0)), ((1, 4), ANY), ((2, 0), (2, 0))])
def test_where_2_0_is_allowed_an_option_that_raises_there_stays(versions: Allowed | None) -> None:
    outcome = outcome_of('session.query(User).options(joinedload("addresses")).all()', versions)
    assert [finding.reason for finding in outcome.findings] == ["string-options"]


@pytest.mark.parametrize(
    ("name", "text", "versions"),
    [
        ("requirements.txt", "flask\nSQLAlchemy==1.3.24\nSQLAlchemy-Utils==0.36\n", ((1, 3), (1, 3))),
        ("requirements.txt", "sqlalchemy>=1.3,<1.4  # see the changelog\n", ((1, 3), (1, 3))),
        ("requirements.txt", "sqlalchemy[asyncio] ~= 1.4.0\n", ((1, 4), (1, 4))),
        ("requirements/base.in", "sqlalchemy<2\n", ((0, 0), (1, 98))),
        ("requirements.txt", "sqlalchemy<2.0.30\n", ((0, 0), (2, 0))),
        ("setup.py", 'setup(install_requires=["flask", "sqlalchemy == 1.4.49"])\n', ((1, 4), (1, 4))),
        ("setup.cfg", "install_requires =\n    sqlalchemy>=1.4\n", ((1, 4), ANY)),
        ("pyproject.toml", '[tool.poetry.dependencies]\nSQLAlchemy = "~1.2.0"\n', ((1, 2), (1, 2))),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nsqlalchemy = {version = "^1.4", extras = ["x"]}\n',
            ((1, 4), (1, 98)),
        ),
        ("pyproject.toml", '[project]\ndependencies = ["sqlalchemy>=2,<3"]\n', ((2, 0), (2, 98))),
        ("poetry.lock", '[[package]]\nname = "sqlalchemy"\nversion = "1.4.54"\n', ((1, 4), (1, 4))),
        ("requirements.txt", "sqlalchemy\n", None),
    ],
)
def test_the_versions_are_read_from_what_allows_them(
    tmp_path: Path, name: str, text: str, versions: Allowed | None
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    assert allowed(tmp_path, "sqlalchemy") == versions
