"""DISTINCT with an order that is not selected stays where the project allows SQLAlchemy 1.x only: a Query selects what it is ordered by, select() does not."""

from __future__ import annotations

import pytest

from alchemove_codemods.engine import Options, run
from alchemove_codemods.findings import Outcome
from alchemove_codemods.pinned import ANY, Allowed
from tests.codemods.test_text_options import MODELS

HEAD = """from sqlalchemy import desc, func, select
from sqlalchemy.orm import Session

from models import Address, User


def found(session: Session):
    return """
OLD: Allowed = ((1, 3), (1, 4))


def outcome_of(text: str, versions: Allowed | None = OLD) -> Outcome:
    sources = {"models.py": MODELS.encode(), "main.py": f"{HEAD}{text}\n".encode()}
    return run("select", sources, Options(sqlalchemy=versions))


@pytest.mark.parametrize(
    "chain",
    [
        "session.query(User.id).join(User.addresses).distinct().order_by(Address.id).all()",
        "session.query(User).join(User.addresses).order_by(Address.id.desc()).distinct().count()",
        "session.query(User).distinct().order_by(func.lower(User.id)).all()",
        "session.query(User.id).distinct().order_by(User.id, desc(Address.id)).first()",
    ],
)
def test_an_order_that_1_4_would_select_stays(chain: str) -> None:
    outcome = outcome_of(chain)
    assert not outcome.changed
    assert [finding.reason for finding in outcome.findings] == ["distinct-order"]


@pytest.mark.parametrize(
    "chain",
    [
        "session.query(User).join(User.addresses).distinct().order_by(User.id).all()",
        "session.query(User).join(User.addresses).order_by(User.id.desc(), User.id).distinct().all()",
        "session.query(User.id).distinct().order_by(desc(User.id)).all()",
        'session.query(User.id).distinct().order_by("id").all()',
        "session.query(User.id).order_by(Address.id).all()",
    ],
)
def test_an_order_of_what_is_selected_is_rewritten(chain: str) -> None:
    assert b"select(" in outcome_of(chain).changed["main.py"]


@pytest.mark.parametrize("versions", [((1, 4), ANY), ((2, 0), ANY), None])
def test_2_0_adds_nothing(versions: Allowed | None) -> None:
    outcome = outcome_of("session.query(User.id).distinct().order_by(Address.id).all()", versions)
    assert b"select(User.id).distinct().order_by(Address.id)" in outcome.changed["main.py"]
