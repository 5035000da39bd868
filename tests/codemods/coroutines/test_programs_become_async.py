"""Small FastAPI applications before and after the ``async`` stage: rewritten as wholes, and run on SQLite and PostgreSQL.

``programs/common`` is the session module and the shim that `alchemove init` writes, and the models. A program adds
``api.py`` with the application and ``main.py``, whose ``requests(client)`` makes requests. Before, they run on the sync
session; afterwards on AsyncSession with aiosqlite and asyncpg. ``# stays: reason`` marks the functions that stay sync.
``ALCHEMOVE_ACCEPT=1`` writes ``after/`` anew; read the difference before it is committed.
"""

from __future__ import annotations

import enum
import importlib
import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, MetaData, create_engine, select

from alchemove_codemods.colours import stage
from alchemove_codemods.colours.plans import Plan
from alchemove_codemods.engine import Options, run
from alchemove_codemods.registry import reasons
from alchemove_codemods.rewrite.coroutines import File
from tests.codemods.test_programs import imported, tree

# An un-awaited coroutine is an error; pytest reports as this warning what is raised while one is collected.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")

FOLDER = Path(__file__).parent / "programs"
COMMON = FOLDER / "common"
PROGRAMS = sorted(p for p in FOLDER.iterdir() if (p / "before").is_dir())
ASKED_FOR = {"divided_copies": Options(stage_options={"copy_dependencies": True})}
"""The options of programs about something that is done on request."""
_MARKER = re.compile(r"# (?:stays: |alchemove: )(\S+)$", re.MULTILINE)


def rewritten(program: Path) -> dict[str, bytes]:
    """The files of *program* after the stage, without those that all programs share."""
    before = tree(program / "before")
    outcome = run("async", {**tree(COMMON), **before}, ASKED_FOR.get(program.name))
    assert not outcome.problems
    assert outcome.changed.keys() <= before.keys()
    return {**before, **outcome.changed}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_a_program_becomes_exactly_what_it_should(program: Path) -> None:
    result = rewritten(program)
    if os.environ.get("ALCHEMOVE_ACCEPT"):
        for path, content in result.items():
            (program / "after" / path).parent.mkdir(parents=True, exist_ok=True)
            (program / "after" / path).write_bytes(content)
    assert {p: c.decode() for p, c in result.items()} == {p: c.decode() for p, c in tree(program / "after").items()}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_the_functions_that_stay_are_reported_with_their_reason(program: Path) -> None:
    before = tree(program / "before")
    outcome = run("async", {**tree(COMMON), **before}, ASKED_FOR.get(program.name))
    expected = Counter(
        (path, line, match[1])
        for path, raw in before.items()
        for line, text in enumerate(raw.decode().splitlines(), 1)
        if (match := _MARKER.search(text))
    )
    found = Counter(
        (f.path, f.line, f.reason or "skip") for f in outcome.findings if f.status != "rewritten" and f.path in before
    )
    assert found == expected
    assert {reason for _, _, reason in found} <= {"skip", *reasons()}


ELSEWHERE = {
    *("statement-elsewhere", "no-session-layer", "outside-paths", "internal-error"),
    *("recorded-statement", "other-version", "template-reads"),
}
"""The reasons that belong to a whole run, each with a test of its own."""


def test_every_reason_has_a_program() -> None:
    declared = {reason for reason, (rule, _) in reasons().items() if rule.stage == "async"}
    marked = {
        reason
        for program in PROGRAMS
        for raw in tree(program / "before").values()
        for reason in _MARKER.findall(raw.decode())
    }
    assert marked - {"skip"} == declared - ELSEWHERE


def test_nothing_is_copied_unless_it_is_asked_for() -> None:
    before = tree(FOLDER / "divided_copies" / "before")
    outcome = run("async", {**tree(COMMON), **before})
    asked = run("async", {**tree(COMMON), **before}, ASKED_FOR["divided_copies"])
    assert not any(b"def sync_" in text for text in outcome.changed.values())
    assert any(b"def sync_" in text for text in asked.changed.values())


def test_without_a_session_module_the_report_says_what_to_run_first() -> None:
    sources = {**tree(COMMON), **tree(FOLDER / "endpoints" / "before")}
    sources["session.py"] = b"from sqlalchemy import create_engine\n\ndatabase = create_engine('sqlite://')\n"
    outcome = run("async", sources)
    assert not outcome.changed
    messages = {f.reason: f.message for f in outcome.findings}
    assert "alchemove init" in messages["no-session-layer"]


def test_functions_outside_of_the_given_paths_stay_and_hold_what_they_share() -> None:
    sources = {**tree(COMMON), **tree(FOLDER / "services" / "before")}
    outcome = run("async", sources, targets=["api.py", "service.py"])
    assert outcome.changed.keys() == {"api.py", "service.py"}
    whole = run("async", sources)
    assert whole.changed["service.py"] != outcome.changed["service.py"]
    assert b"run_sync" in b"".join(outcome.changed.values())


def test_an_alias_in_a_file_that_stays_is_left_where_coroutines_await(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = FOLDER / "dependency_aliases"
    sources = {**tree(COMMON), **tree(program / "before")}
    outcome = run("async", sources, targets=["api.py"])
    assert outcome.changed.keys() == {"api.py"}
    assert b"await" in outcome.changed["api.py"]
    folder = tmp_path / "program"
    folder.mkdir()
    for path, content in {**sources, **outcome.changed}.items():
        (folder / path).write_bytes(content)
    seen = [
        ran(tree_of, f"sqlite:///{tmp_path / name}.db", tmp_path / name, monkeypatch)
        for name, tree_of in (("one", program / "before"), ("two", folder))
    ]
    assert seen[0] == seen[1]


def test_the_session_module_is_named_from_where_modules_in_folders_without_init_are() -> None:
    common = tree(COMMON)
    api = b"""from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app import models
from app.api import deps

router = APIRouter()


@router.get("/tags")
def tags(db: Session = Depends(deps.get_db)):
    return db.get(models.Tag, 1).name
"""
    sources = {
        "backend/app/db/session.py": common["session.py"],
        "backend/app/db/database.py": common["database.py"].replace(b"from session", b"from app.db.session"),
        "backend/app/models.py": common["models.py"],
        "backend/app/api/deps.py": b"from app.db.database import get_db\n",
        "backend/app/api/tags.py": api,
    }
    outcome = run("async", sources)
    assert b"from app.db.session import SessionDep" in outcome.changed["backend/app/api/tags.py"]
    assert b"await db.get(models.Tag, 1)" in outcome.changed["backend/app/api/tags.py"]


def test_the_session_module_is_named_from_where_imports_start_below_a_package() -> None:
    common = tree(COMMON)
    router = b"""from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from ..db.database import get_db
from .. import models

router = APIRouter()


@router.get("/tags")
def tags(db: Session = Depends(get_db)):
    return db.get(models.Tag, 1).name
"""
    sources = {
        "server/__init__.py": b"",
        "server/src/__init__.py": b"",
        "server/src/main.py": b"from fastapi import FastAPI\nfrom src.routers import tags\n\napp = FastAPI()\napp.include_router(tags.router)\n",
        "server/src/db/__init__.py": b"",
        "server/src/db/session.py": common["session.py"],
        "server/src/db/database.py": common["database.py"].replace(b"from session", b"from src.db.session"),
        "server/src/models.py": common["models.py"],
        "server/src/routers/__init__.py": b"",
        "server/src/routers/tags.py": router,
    }
    outcome = run("async", sources)
    assert b"\nfrom src.db.session import SessionDep\n" in outcome.changed["server/src/routers/tags.py"]


def test_imports_find_a_place_where_all_beside_them_are_removed() -> None:
    deps = b"""from typing import Annotated
from sqlmodel import Session
from fastapi import Depends


from database import get_db
Db = Annotated[Session, Depends(get_db)]"""
    api = b"""from fastapi import FastAPI
from sqlalchemy import select

from deps import Db
from models import User

app = FastAPI()


@app.get("/")
def names(db: Db):
    return list(db.scalars(select(User.name)))
"""
    outcome = run("async", {**tree(COMMON), "deps.py": deps, "api.py": api})
    assert {f.reason for f in outcome.findings if f.path in ("api.py", "deps.py")} == {None}
    text = outcome.changed["deps.py"].decode()
    assert "from sqlalchemy.ext.asyncio import AsyncSession\n" in text
    assert "from alchemove import session_depends\n" in text
    assert "sqlmodel" not in text
    assert text.endswith("Db = Annotated[AsyncSession, session_depends(get_session)]")


def test_a_package_without_an_init_file_is_named_as_its_relative_imports_show() -> None:
    api = b"""from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..database import get_db
from ..models import User

router = APIRouter()


@router.get("/")
def names(db: Session = Depends(get_db)):
    return list(db.scalars(select(User.name)))
"""
    common = {f"shop/{p}": c.replace(b"from session", b"from .session") for p, c in tree(COMMON).items()}
    outcome = run("async", {**common, "shop/routers/users.py": api})
    text = outcome.changed["shop/routers/users.py"].decode()
    assert "from shop.session import SessionDep\n" in text
    assert "await db.scalars" in text


@pytest.mark.parametrize(
    ("settings", "options", "validated"),
    [
        ("", {}, "UserOut.model_validate(user, from_attributes=True)"),
        ("", {"pydantic": 1}, "UserOut.from_orm(user)"),
        ("from pydantic import BaseSettings, Field\n", {}, "UserOut.from_orm(user)"),
        ("from pydantic_settings import BaseSettings\n", {}, "UserOut.model_validate(user, from_attributes=True)"),
    ],
)
def test_a_model_with_orm_mode_is_validated_as_the_version_of_pydantic_does(
    settings: str, options: dict[str, object], validated: str
) -> None:
    api = f"""from fastapi import Depends, FastAPI
from pydantic import BaseModel
{settings}from sqlalchemy import text
from sqlalchemy.orm import Session

from database import get_db
from models import User

app = FastAPI()


class UserOut(BaseModel):
    titles: list[str]

    class Config:
        orm_mode = True


@app.get("/", response_model=UserOut)
def read(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    db.execute(text("UPDATE users SET logins = 1"))
    return user
"""
    outcome = run("async", {**tree(COMMON), "api.py": api.encode()}, Options(stage_options=options))
    assert validated in outcome.changed["api.py"].decode()


def test_the_engine_of_a_factory_that_made_it_for_itself_is_the_one_of_the_session_module() -> None:
    session = tree(COMMON)["session.py"].decode()
    session = session.replace("Database.from_env()", 'Database.from_engine(lambda: SessionLocal.kw["bind"])')
    database = b"""from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker


def make_engine():
    return create_engine("sqlite://")


SessionLocal = sessionmaker(bind=make_engine())
OtherSession = sessionmaker(bind=make_engine())


def get_db():
    with SessionLocal() as db:
        yield db


def get_other():
    with OtherSession() as db:
        yield db
"""
    api = b"""from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db, get_other
from models import User

app = FastAPI()


@app.get("/one")
def one(db: Session = Depends(get_db)):
    return db.get(User, 1).name


@app.get("/other")
def other(db: Session = Depends(get_other)):
    return db.get(User, 1).name
"""
    shared = f"from database import SessionLocal\n{session}".encode()
    outcome = run("async", {**tree(COMMON), "session.py": shared, "database.py": database, "api.py": api})
    assert [(f.line, f.reason) for f in outcome.findings if f.path == "api.py"] == [(11, None), (16, "other-sessions")]


def test_blocking_calls_run_in_threads_if_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = FOLDER / "waiting"
    sources = {**tree(COMMON), **tree(program / "before")}
    outcome = run("async", sources, Options(stage_options={"to_thread": True}))
    text = outcome.changed["api.py"].decode()
    assert "    await asyncio.sleep(0)  # stays" in text
    assert (
        'shown = (await asyncio.to_thread(subprocess.run, ["echo", str(len(names))], capture_output=True, text=True))'
        ".stdout" in text
    )
    pointed_out = {(f.path, f.message.split()[0]) for f in outcome.findings if f.rule == "blocking-call"}
    assert ("api.py", "builtins.open") in pointed_out
    assert ("clients.py", "time.sleep") in pointed_out
    assert ("api.py", "time.sleep") not in pointed_out
    folder = tmp_path / "program"
    folder.mkdir()
    for path, content in {**sources, **outcome.changed}.items():
        (folder / path).write_bytes(content)
    seen = [
        ran(tree_of, f"sqlite:///{tmp_path / name}.db", tmp_path / name, monkeypatch)
        for name, tree_of in (("one", program / "before"), ("two", folder))
    ]
    assert seen[0] == seen[1]
    assert not run("async", {**sources, **outcome.changed}, Options(stage_options={"to_thread": True})).changed


def test_a_page_of_fastapi_pagination_leaves_nothing_to_commit() -> None:
    text = """from fastapi import Depends, FastAPI
from fastapi_pagination import Page
from fastapi_pagination.ext.sqlalchemy import paginate, {other}
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import User

app = FastAPI()


@app.get("/users")
def users(db: Session = Depends(get_db)) -> Page[int]:
    return {called}(db, select(User.id).order_by(User.id))
"""
    known = text.format(other="create_page", called="paginate").encode()
    outcome = run("async", {**tree(COMMON), "api.py": known})
    assert b"return await db.run_sync(paginate, select(User.id).order_by(User.id))" in outcome.changed["api.py"]
    assert b"discard_uncommitted" not in outcome.changed["api.py"]
    unknown = text.format(other="something", called="something").encode()
    outcome = run("async", {**tree(COMMON), "api.py": unknown})
    assert b"discard_uncommitted(db)" in outcome.changed["api.py"]


def test_a_file_whose_edits_do_not_fit_costs_what_is_tied_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(file: File, plan: Plan) -> None:
        for node in plan.awaited if file.module.path == "helpers.py" else ():
            file.replace(node, "((", "await-call")

    monkeypatch.setattr(stage, "await_call", twice)
    outcome = run("async", {**tree(COMMON), **tree(FOLDER / "shared_with_a_task" / "before")})
    assert "helpers.py" not in outcome.changed
    assert "internal-error" in {f.reason for f in outcome.findings}
    for content in outcome.changed.values():
        compile(content, "changed", "exec")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_a_second_run_changes_nothing(program: Path) -> None:
    assert not run("async", {**tree(COMMON), **tree(program / "after")}, ASKED_FOR.get(program.name)).changed


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_a_program_does_the_same_on_sqlite(program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [
        ran(program / state, f"sqlite:///{tmp_path / state}.db", tmp_path / state, monkeypatch)
        for state in ("before", "after")
    ]
    assert seen[0] == seen[1]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_a_program_does_the_same_on_postgresql(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: URL
) -> None:
    url = postgres_url.set(drivername="postgresql").render_as_string(hide_password=False)
    seen = [ran(program / state, url, tmp_path / state, monkeypatch) for state in ("before", "after")]
    assert seen[0] == seen[1]


def ran(program: Path, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[object], object]:
    """What the requests of *program* are answered with on the database *url*, and the rows that are left."""
    folder.mkdir(exist_ok=True)
    for path, content in {**tree(COMMON), **tree(program)}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    monkeypatch.setenv("DATABASE_URL", url)
    with imported(folder), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        main = importlib.import_module("main")
        models = importlib.import_module(getattr(main, "MODELS", "models"))
        with filled(models, url) as rows:
            with TestClient(main.app) as client:
                answers = [described(answer) for answer in main.requests(client)]
            importlib.import_module("session").database.close_all_connections()
            return answers, rows()


def described(answer: object) -> object:
    """A response as plain data; other values as they are."""
    if hasattr(answer, "status_code"):
        return [answer.status_code, answer.json() if answer.content else None]
    return answer


def plain(value: object) -> object:
    """A value of a row so that those of two runs can be compared: each has enumerations of its own, and times."""
    if isinstance(value, enum.Enum):
        return value.name
    return "time" if hasattr(value, "isoformat") else value


@contextmanager
def filled(models, url: str) -> Iterator[object]:
    """The tables of *models* in the database *url*, with their seed; gives a function that reads all rows."""
    # What a program leaves open is an error, not a run that waits for ever.
    waits = {"options": "-c lock_timeout=20s"} if url.startswith("postgresql") else {}
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://"), connect_args=waits)
    metadata: MetaData = models.Base.metadata
    metadata.create_all(engine)
    from sqlalchemy.orm import Session

    with Session(engine) as session:
        models.seed(session)

    def rows() -> dict[str, list[list[object]]]:
        with engine.connect() as connection:
            return {
                table.name: sorted(
                    [[plain(c) for c in row] for row in connection.execute(select(table))],
                    key=repr,
                )
                for table in metadata.sorted_tables
            }

    try:
        yield rows
    finally:
        metadata.drop_all(engine)
        engine.dispose()
