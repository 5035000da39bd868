"""Queries that a Flask template goes through: run before it is rendered, where the template does so once, whatever else it is given."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from alchemove_codemods.template_loops import gone_through
from tests.codemods.recording import statements
from tests.codemods.shell.conftest import fill
from tests.codemods.shell.test_whole import alchemove

APPLICATION = """\
from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))


def page(title="All"):
    users = User.query.order_by(User.name)
    return render_template(
        "users/page.html",
        users=users,
        last=User.query.order_by(User.id),
        title=title,
    )


def main():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.test_request_context():
        db.create_all()
        db.session.add_all([User(name="jo"), User(name="al")])
        return page()
"""
BASE = "<title>{% block title %}users{% endblock %}</title>{% if title %}{% block hidden %}{% endblock %}{% endif %}{% block content %}{% endblock %}"
PAGE = """\
{% extends "base.html" %}
{#- users are shown in a list -#}
{% block title %}{{ title }} users{% endblock %}
{% block content %}
{% for user in users -%} {{ loop.index }}/{{ loop.length }} {{ url(users=1) if false }} {{ user.name }}, {% endfor %}
{% block inner %}{% for user in last %}{{ user.id }}{% endfor %}{% endblock %}
{% endblock %}
"""


def shown(folder: Path) -> tuple[str, list[str]]:
    """What the application in *folder* renders, and what it sends for it."""
    sys.path.insert(0, str(folder))
    try:
        application = importlib.import_module("app")
        with statements() as sent:
            return application.main(), [s for s in sent if s.lstrip().upper().startswith("SELECT")]
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("app", None)


def test_a_query_that_a_template_goes_through_is_run_before(folder: Path) -> None:
    page = PAGE.replace("{{ url(users=1) if false }} ", "")
    fill(folder, {"app.py": APPLICATION, "templates/base.html": BASE, "templates/users/page.html": page})
    before = shown(folder)
    done = alchemove("rewrite", ".", "--stage", "select")
    assert done.status == 0, done.err
    text = (folder / "app.py").read_text()
    assert "users=db.session.scalars(users).all(),\n" in text
    assert "last=db.session.scalars(db.select(User).order_by(User.id)).all(),\n" in text
    assert ".query" not in text
    assert shown(folder) == before
    assert "1/2 al" in before[0]


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (PAGE, ("last", "users")),
        ("{% for user in users %}{{ user }}{% endfor %}", ("users",)),
        ("{% with a = 1 %}{% for user in users %}{{ user.users }}{% endfor %}{% endwith %}", ("users",)),
        ("{% if a %}{% for user in users %}{% endfor %}{% endif %}", ()),
        ("{% for a in b %}{% for user in users %}{% endfor %}{% endfor %}", ("b",)),
        ("{% macro a() %}{% for user in users %}{% endfor %}{% endmacro %}", ()),
        ("{% for user in users %}{% endfor %}{{ users.count() }}", ()),
        ("{% for user in users %}{% endfor %}{% set users = 1 %}", ()),
        ("{% for user in users.all() %}{% endfor %}", ()),
        ("{% for user in users|sort %}{% endfor %}", ()),
        ("{% for user in users %}{% endfor %}{% include name %}", ()),
        ("{% for user in users %}{% endfor %}{% include 'missing.html' %}", ()),
        ("{% for user in users %}{% endfor %}{% include 'base.html' %}", ("users",)),
        ("{% for user in title %}{% endfor %}{% include 'base.html' %}", ()),
        ("{% raw %}{% for user in users %}{% endfor %}{% endraw %}", ()),
        ("{% cache 5 %}{% for user in users %}{% endfor %}{% endcache %}", ()),
        ("{% cache 5 %}{{ a }}{% endcache %}{% for user in users %}{% endfor %}", ("users",)),
        (
            "{% extends 'bootstrap/base.html' %}{% block content %}{% for user in users %}{% endfor %}{% endblock %}",
            ("users",),
        ),
        ("{% extends 'bootstrap/base.html' %}{% block content %}{% for user in title %}{% endfor %}{% endblock %}", ()),
        ("{% extends 'base.html' %}{% for user in users %}{% endfor %}", ()),
        ("{% extends 'base.html' %}{% block other %}{% for user in users %}{% endfor %}{% endblock %}", ()),
        ("{% extends 'base.html' %}{% block hidden %}{% for user in users %}{% endfor %}{% endblock %}", ()),
        ("{% block a %}{% for user in users %}{% endfor %}{% endblock %}{{ self.a() }}", ()),
        ("{% block a %}{% block b %}{% for user in users %}{% endfor %}{% endblock %}{% endblock %}{{ self.a() }}", ()),
        ("{% block a %}{% endblock %}{% for user in users %}{% endfor %}{{ self.a() }}", ("users",)),
        ("{% block a %}{% for user in users %}{% endfor %}{% endblock %}{{ self['a']() }}", ()),
    ],
)
def test_what_is_gone_through_once_in_any_case(page: str, names: tuple[str, ...]) -> None:
    texts = [
        ("templates/base.html", BASE),
        ("templates/other/base.html", "{{ users }}"),
        ("templates/users/page.html", page),
    ]
    found = dict(gone_through(texts))
    assert found["templates/users/page.html"] == names


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title=title,", "title=str(title),"),
        ("users=users,", "users=users or None,"),
        ('"users/page.html"', 'title + ".html"'),
        ('"users/page.html"', '"users/other.html"'),
    ],
)
def test_what_may_run_in_between_or_is_not_known_keeps_the_query(folder: Path, before: str, after: str) -> None:
    application = APPLICATION.replace(before, after)
    fill(folder, {"app.py": application, "templates/base.html": BASE, "templates/users/page.html": PAGE})
    done = alchemove("rewrite", ".", "--stage", "select")
    assert done.status == 0, done.err
    assert "users = User.query.order_by(User.name)" in (folder / "app.py").read_text()
