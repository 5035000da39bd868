"""Where the project allows Flask-SQLAlchemy 2.x only, nothing is written that came with 3.0."""

from __future__ import annotations

import pytest

from alchemove_codemods.engine import Options, run
from alchemove_codemods.findings import Outcome
from alchemove_codemods.pinned import ANY, Allowed

MODELS = """from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))


class Bag(db.Model):
    id = db.Column(db.Integer, primary_key=True)

    def __len__(self):
        return self.id
"""
HEAD = """from flask import abort
from sqlalchemy import select

from models import Bag, User, db


def found(key):
    return """
OLD: Allowed = ((2, 4), (2, 5))


def outcome_of(text: str, versions: Allowed | None = OLD) -> Outcome:
    sources = {"models.py": MODELS.encode(), "main.py": f"{HEAD}{text}\n".encode()}
    return run("select", sources, Options(flask_sqlalchemy=versions))


def rewritten(text: str, versions: Allowed | None = OLD) -> str:
    changed = outcome_of(text, versions).changed["main.py"].decode()
    return changed.split("return ", 1)[1].strip()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("User.query.get_or_404(key)", "db.session.get(User, key) or abort(404)"),
        ("User.query.get_or_404(int(key)).name", "(db.session.get(User, int(key)) or abort(404)).name"),
        ('User.query.get_or_404(key, "no")', 'db.session.get(User, key) or abort(404, description="no")'),
        ('User.query.get_or_404(key, description="no")', 'db.session.get(User, key) or abort(404, description="no")'),
        (
            "User.query.filter_by(name=key).first_or_404()",
            "db.session.scalars(select(User).filter_by(name=key).limit(1)).first() or abort(404)",
        ),
    ],
)
def test_what_is_not_found_is_answered_in_words_that_2_x_has(before: str, after: str) -> None:
    assert rewritten(before) == after


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[user.id for user in User.query.paginate(page=1).items]", "flask-object"),
        ("User.query.one_or_404()", "flask-object"),
        # An object that counts as false is found all the same.
        ("Bag.query.get_or_404(key)", "flask-object"),
        # It would be called only where nothing is found.
        ("User.query.get_or_404(key, key.upper())", "flask-arguments"),
    ],
)
def test_what_2_x_has_no_words_for_stays(text: str, reason: str) -> None:
    outcome = outcome_of(text)
    assert not outcome.changed
    assert [finding.reason for finding in outcome.findings] == [reason]


@pytest.mark.parametrize("versions", [None, ((2, 5), (3, 1)), ((2, 5), ANY), ((3, 0), (3, 0))])
def test_where_3_0_is_allowed_the_extension_object_answers(versions: Allowed | None) -> None:
    assert rewritten("User.query.get_or_404(key)", versions) == "db.get_or_404(User, key)"
