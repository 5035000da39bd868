"""join() of tuples, which 2.0 removed, is written out where the project allows SQLAlchemy 1.x only."""

from __future__ import annotations

import pytest

from alchemove_codemods.engine import Options, run
from alchemove_codemods.findings import Outcome
from alchemove_codemods.pinned import ANY, Allowed
from tests.codemods.test_text_options import MODELS

HEAD = """from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models import Address, User

Other = aliased(Address)


def found(session: Session, on):
    return """
OLD: Allowed = ((1, 3), (1, 4))


def outcome_of(text: str, versions: Allowed | None = OLD) -> Outcome:
    sources = {"models.py": MODELS.encode(), "main.py": f"{HEAD}{text}\n".encode()}
    return run("select", sources, Options(sqlalchemy=versions))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "session.query(User.id).join((Address, Address.user_id == User.id)).all()",
            "session.execute(select(User.id).join(Address, Address.user_id == User.id)).all()",
        ),
        (
            "session.query(User.id).outerjoin((Address, Address.user_id == User.id), (Other, User.addresses)).all()",
            "session.execute(select(User.id).outerjoin(Address, Address.user_id == User.id).outerjoin(Other, User.addresses)).all()",
        ),
        (
            "session.query(User).join((Address, Address.user_id == User.id), isouter=True).all()",
            "session.scalars(select(User).join(Address, Address.user_id == User.id, isouter=True)).unique().all()",
        ),
        (
            'session.query(User.id).join((Address, Address.user_id == User.id)).filter_by(email="x").all()',
            'session.execute(select(User.id).join(Address, Address.user_id == User.id).where(Address.email == "x")).all()',
        ),
    ],
)
def test_every_tuple_becomes_a_join(before: str, after: str) -> None:
    changed = outcome_of(before).changed["main.py"].decode()
    assert changed.split("return ", 1)[1].strip() == after


@pytest.mark.parametrize(
    "text",
    [
        "session.query(User.id).join((Address, on)).all()",
        "session.query(User.id).join((on, Address.user_id == User.id)).all()",
        "session.query(User.id).join((Address,)).all()",
        "session.query(User.id).join((Address, Address.user_id == User.id), Other).all()",
        "session.query(User.id).join(*[(Address, Address.user_id == User.id)]).all()",
    ],
)
def test_what_is_not_certain_stays(text: str) -> None:
    outcome = outcome_of(text)
    assert not outcome.changed
    assert [finding.reason for finding in outcome.findings] == ["join-arguments"]


@pytest.mark.parametrize("versions", [None, ((1, 4), (2, 0)), ((1, 4), ANY), ((2, 0), (2, 0))])
def test_where_2_0_is_allowed_a_join_that_raises_there_stays(versions: Allowed | None) -> None:
    outcome = outcome_of("session.query(User.id).join((Address, Address.user_id == User.id)).all()", versions)
    assert [finding.reason for finding in outcome.findings] == ["join-arguments"]
