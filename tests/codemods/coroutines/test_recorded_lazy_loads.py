"""``--lazy-loads``: what tests saw being loaded lazily is loaded by the statement that the recording names."""

from __future__ import annotations

from pathlib import Path

import pytest

from alchemove.lazy_report import record
from alchemove_codemods.engine import Options, run
from alchemove_codemods.findings import Outcome
from alchemove_codemods.lazy_recording import read
from tests.codemods.coroutines.test_programs_become_async import COMMON, ran
from tests.codemods.test_programs import tree

API = b"""from database import get_db
from fastapi import Depends, FastAPI
from models import Post, Tag, User
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()
STATEMENTS = {"posts": select(Post).order_by(Post.id)}


@app.get("/named")
def named(db: Session = Depends(get_db)):
    found = {user.name: user for user in db.scalars(select(User).order_by(User.name))}
    return {name: [[post.title, len(post.tags)] for post in user.posts] for name, user in found.items()}


@app.get("/one/{name}")
def one(name: str, db: Session = Depends(get_db)):
    by_name = {}
    for user in db.scalars(select(User).where(User.name == name)):
        by_name[user.name] = user
    return by_name[name].team.name


@app.get("/table")
def table(db: Session = Depends(get_db)):
    return [post.author.name for post in db.scalars(STATEMENTS["posts"])]


@app.post("/post")
def post(db: Session = Depends(get_db)):
    made = Post(title="new", author_id=1)
    db.add(made)
    db.commit()
    return made.author.name
"""
MAIN = b"""from api import app


def requests(client):
    for path in ("/named", "/one/ada", "/table"):
        yield client.get(path)
    yield client.post("/post")
"""
SOURCES = {**tree(COMMON), "api.py": API, "main.py": MAIN}


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the requests load lazily before the stage."""
    (tmp_path / "legacy").mkdir()
    for path in ("api.py", "main.py"):
        (tmp_path / "legacy" / path).write_bytes(SOURCES[path])
    with record() as seen:
        ran(tmp_path / "legacy", f"sqlite:///{tmp_path}/recorded.db", tmp_path / "recorded", monkeypatch)
    seen.write(tmp_path / "loads.json", tmp_path / "recorded")
    return tmp_path / "loads.json"


def rewritten(recording: Path | None, sources: dict[str, bytes]) -> Outcome:
    loads = read(recording, sources) if recording is not None else ()
    return run("async", sources, Options(stage_options={"lazy_loads": loads}))


def test_the_statement_that_a_recording_names_loads_what_the_program_alone_does_not_tell(recording: Path) -> None:
    assert b"selectinload" not in rewritten(None, SOURCES).changed["api.py"]
    text = rewritten(recording, SOURCES).changed["api.py"].decode()
    assert "select(User).order_by(User.name).options(selectinload(User.posts).selectinload(Post.tags))" in text
    assert "select(User).where(User.name == name).options(selectinload(User.team))" in text


def test_nothing_is_loaded_lazily_any_more_where_the_statement_is_known_and_the_answers_are_the_same(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = rewritten(recording, SOURCES).changed
    answers = []
    for name, api in (("sync", API), ("async", changed["api.py"])):
        folder = tmp_path / f"of {name}"
        folder.mkdir()
        (folder / "api.py").write_bytes(api)
        (folder / "main.py").write_bytes(MAIN)
        with record() as seen:
            answers.append(ran(folder, f"sqlite:///{tmp_path}/{name}.db", tmp_path / name, monkeypatch))
    assert answers[0] == answers[1]
    assert {(load.site.function, load.attribute) for load in seen.loads} == {("<lambda>", "author")}


def test_what_a_recording_shows_and_no_statement_can_load_is_reported_with_both_places(recording: Path) -> None:
    found = {
        (f.line, f.reason): f.message
        for f in rewritten(recording, SOURCES).findings
        if f.rule == "eager-load" and f.reason
    }
    assert "[Post.author, see api.py:27]" in found[27, "recorded-statement"]
    assert (35, "new-object") in found


def test_a_recording_of_another_version_changes_nothing_and_says_so(recording: Path) -> None:
    moved = {
        **SOURCES,
        "api.py": API.replace(b"app = FastAPI()", b"app = FastAPI()\nA = 1\nB = 2\nC = 3\nD = 4\nE = 5\n"),
    }
    outcome = rewritten(recording, moved)
    assert b"selectinload" not in outcome.changed["api.py"]
    assert "other-version" in {f.reason for f in outcome.findings}


def test_the_same_recording_adds_nothing_twice(recording: Path) -> None:
    changed = {**SOURCES, **rewritten(recording, SOURCES).changed}
    assert not rewritten(None, changed).changed


TASKS = b"""from sqlalchemy import select

from database import SessionLocal
from models import Post, Tag, User


def titles(name: str) -> list[str]:
    with SessionLocal() as db:
        found = {user.name: user for user in db.scalars(select(User).order_by(User.id))}
        return [post.title for post in found[name].posts]


def log_in(user_id: int) -> int:
    with SessionLocal() as db:
        user = db.get(User, user_id)
        user.logins += 1
        db.commit()
        return user.logins


def may_log_in(user_id: int, tell: bool) -> int:
    with SessionLocal() as db:
        user = db.get(User, user_id)
        user.logins += 1
        db.commit()
        if tell:
            return user.logins
        return 0


def publish(name: str) -> int:
    with SessionLocal() as db:
        post = Post(title="new", author_id=1)
        db.add(post)
        db.flush()
        post.tags = [Tag(name=name)]
        db.commit()
        db.refresh(post)
        return post.id
"""
ALL_TASKS = b"""from api import app
import tasks


def requests(client):
    yield tasks.titles("ada")
    yield tasks.log_in(2)
    yield tasks.may_log_in(2, True)
    yield tasks.may_log_in(1, False)
    yield tasks.publish("news")
"""


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, dict[str, bytes]]:
    """What sync functions load lazily, and the program that they belong to."""
    # What runs them one after the other is no part of the program.
    sources = {**tree(COMMON), "api.py": API, "tasks.py": TASKS}
    (tmp_path / "legacy").mkdir()
    for path, content in {**sources, "main.py": ALL_TASKS}.items():
        (tmp_path / "legacy" / path).write_bytes(content)
    with record() as seen:
        ran(tmp_path / "legacy", f"sqlite:///{tmp_path}/recorded.db", tmp_path / "recorded", monkeypatch)
    seen.write(tmp_path / "loads.json", tmp_path / "recorded")
    return tmp_path / "loads.json", sources


def test_sync_code_is_changed_where_a_recording_shows_lazy_loads_and_nowhere_else(
    tasks: tuple[Path, dict[str, bytes]],
) -> None:
    recording, sources = tasks
    assert "tasks.py" not in rewritten(None, sources).changed
    outcome = rewritten(recording, sources)
    text = outcome.changed["tasks.py"].decode()
    assert "select(User).order_by(User.id).options(selectinload(User.posts))" in text
    assert text.count("db.commit()\n        db.refresh(user)\n        return user.logins") == 1
    assert text.count("db.refresh(user)") == 1, "what is read on some ways only is not refreshed on all"
    assert 'Post(title="new", author_id=1, tags=[])' in text
    assert not any(word in text for word in ("async", "await", "run_sync"))
    told = {
        f.message.partition(", for")[0] for f in outcome.findings if f.path == "tasks.py" and f.rule == "eager-load"
    }
    assert told == {
        "the statement loads User.posts as well",
        "the object is refreshed",
        "the object is made with Post.tags empty",
    }


def test_sync_code_answers_the_same_and_loads_nothing_lazily_that_could_be_loaded_before(
    tasks: tuple[Path, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, sources = tasks
    changed = rewritten(recording, sources).changed
    answers = []
    for name, text in (("before", TASKS), ("after", changed["tasks.py"])):
        folder = tmp_path / name
        folder.mkdir()
        for path, content in {**sources, "tasks.py": text, "main.py": ALL_TASKS}.items():
            (folder / path).write_bytes(content)
        with record() as seen:
            answers.append(ran(folder, f"sqlite:///{tmp_path}/{name}.db", tmp_path / f"run {name}", monkeypatch))
    assert answers[0] == answers[1]
    assert {(load.site.function, load.attribute) for load in seen.loads} == {("may_log_in", "logins")}
    again = {**sources, **changed}
    assert "tasks.py" not in rewritten(None, again).changed
