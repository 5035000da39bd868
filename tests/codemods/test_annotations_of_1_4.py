"""Annotations of queries where the project allows SQLAlchemy 1.x: ``Select`` has to be imported from where that has it, and takes no arguments."""

from __future__ import annotations

import pytest

from alchemove_codemods.engine import Options, run
from alchemove_codemods.pinned import ANY, Allowed
from tests.codemods.test_text_options import MODELS

BEFORE = """from sqlalchemy.orm import Query, Session

from models import User


def found(session: Session) -> {}:
    return session.query(User)


def first(session: Session):
    return found(session).first()
"""


def rewritten(annotation: str, versions: Allowed | None) -> str:
    sources = {"models.py": MODELS.encode(), "main.py": BEFORE.format(annotation).encode()}
    return run("select", sources, Options(sqlalchemy=versions)).changed["main.py"].decode()


@pytest.mark.parametrize("versions", [((1, 4), (1, 4)), ((1, 4), ANY), ((0, 0), (2, 98))])
@pytest.mark.parametrize(
    ("annotation", "select"), [("Query", "Select"), ('"Query"', '"Select"'), ('"Query[User]"', '"Select"')]
)
def test_select_is_imported_from_where_every_version_has_it(annotation: str, select: str, versions: Allowed) -> None:
    text = rewritten(annotation, versions)
    assert f"-> {select}:" in text
    assert "from sqlalchemy.sql import Select\n" in text


@pytest.mark.parametrize("versions", [None, ((2, 0), ANY)])
@pytest.mark.parametrize(
    ("annotation", "select"), [("Query", "Select[tuple[User]]"), ('"Query[User]"', '"Select[tuple[User]]"')]
)
def test_select_names_its_rows_where_the_project_is_on_2_0(
    annotation: str, select: str, versions: Allowed | None
) -> None:
    text = rewritten(annotation, versions)
    assert f"-> {select}:" in text
    assert "from sqlalchemy import Select, select\n" in text
