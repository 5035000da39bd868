"""Templates call methods and read properties of the objects they are given; what they call may not change under them."""

from __future__ import annotations

from pathlib import Path

import pytest

from alchemove_codemods.template_files import attributes
from tests.codemods.shell.conftest import fill
from tests.codemods.shell.test_whole import alchemove

APPLICATION = """\
from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)

    def others(self):
        return User.query.filter(User.id != self.id)

    @property
    def later(self):
        return User.query.filter(User.id > self.id)


def page(user: User):
    numbers = [user.others().count(), user.later.count()]
    return render_template("page.html", user=user, numbers=numbers)
"""
OTHERS, LATER = "return User.query.filter(User.id != self.id)", "return User.query.filter(User.id > self.id)"


@pytest.mark.parametrize(
    ("template", "kept"),
    [
        ("{% for u in user.others() %}{{ u.id }}{% endfor %}", {OTHERS}),
        ("{{ user.later | map(attribute='id') | list }}", {LATER}),
        ("{{ numbers }} of the others() and .later", set()),
    ],
)
def test_what_a_template_calls_or_reads_keeps_its_query(folder: Path, template: str, kept: set[str]) -> None:
    fill(folder, {"app.py": APPLICATION, "templates/page.html": template})
    done = alchemove("rewrite", ".", "--stage", "select")
    assert done.status == 0, done.err
    text = (folder / "app.py").read_text()
    assert {line for line in (OTHERS, LATER) if line in text} == kept
    assert done.out.count("refused: unknown-callers") == len(kept)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("Jinja", "{% if user.mine %}{{ user . yours() }}{{ user | attr('theirs') }}{% endif %}"),
        ("Jinja line statements", "# for u in user.mine\n  # set x = user.yours + user['a'].theirs\n"),
        ("Mako", "% for u in user.mine:\n<% x = user.yours %>${u.theirs}\n"),
        ("Chameleon", """<p tal:repeat="u user.mine" tal:condition='user.yours'>${u.theirs}</p>"""),
        ("Tornado", "{% for u in user.mine %}{{ escape(user.yours) }}{% raw u.theirs %}{% end %}"),
    ],
)
def test_the_attributes_that_a_template_reads_are_found(language: str, code: str) -> None:
    assert attributes([("page", f"<style>p.loud</style>{language}.name\n{code}")]) == ("mine", "theirs", "yours")
