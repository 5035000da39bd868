"""Templates that are given mapped objects: what they read may have to be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from alchemove_codemods.engine import Options, run
from alchemove_codemods.findings import Outcome
from alchemove_codemods.template_files import read
from tests.codemods.coroutines.test_programs_become_async import COMMON, ran
from tests.codemods.test_programs import tree

API = b"""from pathlib import Path

from database import get_db
from fastapi import Depends, FastAPI, Request
from fastapi.templating import Jinja2Templates
from models import Team, User
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()
templates = Jinja2Templates(directory=Path(__file__).parent / "pages")


@app.get("/users")
def users(request: Request, db: Session = Depends(get_db)):
    found = db.scalars(select(User).order_by(User.id)).all()
    return templates.TemplateResponse(request, "users.html", {"users": found, "title": "Users"})


@app.get("/teams/{name}")
def team(name: str, request: Request, db: Session = Depends(get_db)):
    context = {"request": request, "team": db.scalars(select(Team).where(Team.name == name)).one()}
    return templates.TemplateResponse(request, "parts/team.html", context)


@app.get("/plain/{name}")
def plain(name: str, request: Request, db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.name == name)).one()
    return templates.TemplateResponse(request, "plain.html", {"user": user, "number": 1})


@app.get("/rendered/{name}")
def rendered(name: str, db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.name == name)).one()
    return templates.get_template("users.html").render(users=[user])


@app.get("/about")
def about(request: Request):
    return templates.TemplateResponse(request, "users.html", {"users": []})
"""
MAIN = b"""from api import app


def requests(client):
    for path in ("/users", "/teams/blue", "/plain/ada", "/rendered/cleo", "/about"):
        yield client.get(path).text
"""
PAGES = {
    "pages/base.html": "<title>{{ title }}</title>{% block body %}{% endblock %}",
    "pages/users.html": '{% extends "base.html" %}{% block body %}{% for user in users %}{{ user.name }}:'
    "{% for post in user.posts %} {{ post.title }}{% for tag in post.tags %} {{ tag.name }}{% endfor %}{% endfor %};"
    "{% endfor %}{% endblock %}",
    "pages/parts/team.html": '{% include "parts/members.html" %}',
    "pages/parts/members.html": "{{ team.users | map(attribute='name') | join(', ') }}",
    "pages/plain.html": "The posts and the team of {{ user.name }} {# user.posts #}",
}
SOURCES = {**tree(COMMON), "api.py": API, "main.py": MAIN}


def rewritten(folder: Path, api: bytes = API, pages: dict[str, str] = PAGES) -> Outcome:
    for path, text in pages.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    sources = {**SOURCES, "api.py": api}
    return run("async", sources, Options(stage_options={"templates": read(folder, sources.values())}))


def test_a_template_that_reads_relationships_is_rendered_where_they_can_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = rewritten(tmp_path / "legacy").changed
    for name in ("users", "team", "plain", "rendered"):
        assert f"async def {name}(" in changed["api.py"].decode()
    answers = []
    for name, api in (("sync", API), ("async", changed["api.py"])):
        folder = tmp_path / f"of {name}"
        folder.mkdir()
        (folder / "api.py").write_bytes(api)
        (folder / "main.py").write_bytes(MAIN)
        for path, text in PAGES.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text)
        answers.append(ran(folder, f"sqlite:///{tmp_path}/{name}.db", tmp_path / name, monkeypatch))
    assert answers[0] == answers[1]
    assert "tips" in str(answers[1])


def test_a_template_that_reads_columns_only_is_rendered_as_before(tmp_path: Path) -> None:
    text = rewritten(tmp_path).changed["api.py"].decode()
    assert '    return templates.TemplateResponse(request, "plain.html", {"user": user, "number": 1})\n' in text
    assert '    return templates.TemplateResponse(request, "users.html", {"users": []})\n' in text
    assert "def about(request: Request):" in text
    assert "async def about" not in text


def test_a_template_that_is_not_found_may_read_anything(tmp_path: Path) -> None:
    outcome = rewritten(tmp_path, pages={})
    assert '    return templates.TemplateResponse(request, "plain.html"' not in outcome.changed["api.py"].decode()
    assert "template-reads" in {f.reason for f in outcome.findings}


def test_templates_of_a_program_that_does_not_mention_jinja_are_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("{{ user.posts }}")
    assert not read(tmp_path, [b"import fastapi"])
    assert read(tmp_path, [b"import jinja2"])
