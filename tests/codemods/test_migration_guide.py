"""MIGRATION.md: its commands, run one after the other on a small legacy application, and the reasons it names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from alchemove_codemods.registry import reasons
from tests.codemods.shell.conftest import fill

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "MIGRATION.md").read_text()
COMMANDS = [line.strip() for line in GUIDE.splitlines() if line.startswith("    ")]
TOOLS = {"alchemove", "pytest", "git"}

APPLICATION = {
    "app/__init__.py": "",
    "app/database.py": """\
import os

from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_engine(os.getenv("DATABASE_URL", "sqlite:///app.db"), pool_pre_ping=True)
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
Base = declarative_base()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
""",
    "app/models.py": """\
from sqlalchemy import Boolean, Column, Integer, String

from app.database import Base


class User(Base):
    __tablename__ = "users"

    id = Column(Integer, primary_key=True)
    name = Column(String, nullable=False)
    active = Column(Boolean, default=True, nullable=False)
""",
    "app/api/__init__.py": "",
    "app/api/users.py": """\
from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from app.database import get_db
from app.models import User

router = APIRouter()


@router.post("/users/{name}")
def create(name: str, db: Session = Depends(get_db)) -> int:
    user = User(name=name)
    db.add(user)
    db.commit()
    db.refresh(user)
    return user.id


@router.get("/users")
def users(active: bool = True, db: Session = Depends(get_db)) -> list[str]:
    query = db.query(User)
    if active:
        query = query.filter(User.active.is_(True))
    return [user.name for user in query.order_by(User.name).all()]
""",
    "app/main.py": """\
from fastapi import FastAPI

from app.api import users

app = FastAPI()
app.include_router(users.router)
""",
    "app/tasks.py": """\
from app.database import SessionLocal
from app.models import User


def deactivate(name: str) -> int:
    db = SessionLocal()
    try:
        changed = db.query(User).filter(User.name == name).update({User.active: False}, synchronize_session=False)
        db.commit()
    except Exception:
        db.rollback()
        raise
    finally:
        db.close()
    return changed
""",
    "tests/test_app.py": """\
import pytest
from fastapi.testclient import TestClient

from app.database import Base, engine
from app.main import app
from app.tasks import deactivate


@pytest.fixture
def client():
    Base.metadata.create_all(engine)
    with TestClient(app) as client:
        yield client
    Base.metadata.drop_all(engine)


def test_users_are_listed_while_they_are_active(client):
    for name in ("bob", "ada"):
        client.post(f"/users/{name}")
    assert deactivate("bob") == 1
    assert client.get("/users").json() == ["ada"]
    assert client.get("/users?active=false").json() == ["ada", "bob"]
""",
    "pytest.ini": "[pytest]\npythonpath = .\naddopts = -p no:cacheprovider\n",
    ".gitignore": "*.db\n*.json\n!.alchemove-ratchet.json\nledger*/\n__pycache__/\n",
}


@pytest.fixture
def application(tmp_path: Path) -> Path:
    fill(tmp_path, APPLICATION)
    return tmp_path


def execute(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTEST_", "DATABASE"))},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ALCHEMOVE_CACHE_DIR": str(folder.parent / "cache"),
        **{f"GIT_{who}_{what}": "test@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_guide_has_only_commands_that_are_run_here() -> None:
    assert len(COMMANDS) > 20
    for command in COMMANDS:
        assert next(word for word in command.split() if "=" not in word) in TOOLS, command


def test_the_commands_of_the_guide_take_an_application_through_all_stages(application: Path) -> None:
    for command in ("git init --quiet", "git add --all", "git commit --quiet --message legacy", *COMMANDS):
        done = execute(command, application)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if command.endswith("--stage sessions"):
            assert "rewritten to one block" in done.stdout
            rewritten = {path.name: path.read_text() for path in application.rglob("app/**/*.py")}
            assert "SessionLocal" not in rewritten["tasks.py"]
            assert ".query(" not in "".join(rewritten.values())


def test_legacy_code_does_not_creep_back_past_the_ratchet(application: Path) -> None:
    ratchet = next(command for command in COMMANDS if "--ratchet" in command)
    execute("git init --quiet", application)
    assert execute(ratchet, application).returncode == 0
    assert execute(ratchet, application).returncode == 0
    with (application / "app/tasks.py").open("a") as file:
        file.write("\n\ndef count(db):\n    return db.query(User).count()\n")
    assert execute(ratchet, application).returncode == 1


def test_a_package_that_is_not_done_is_told_by_check(application: Path) -> None:
    check = next(command for command in COMMANDS if "--check" in command)
    assert execute(check, application).returncode == 1


def test_the_reasons_that_the_guide_explains_are_declared() -> None:
    rows = re.findall(r"^\| (`[a-z][a-z`, -]*`) \|", GUIDE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert len(named) > 20
    assert named - {"shim", "select", "sessions"} <= reasons().keys()


def test_the_extras_that_the_guide_installs_exist() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    for extras in re.findall(r"alchemove\[([a-z0-9,]+)\]", GUIDE):
        for extra in extras.split(","):
            assert re.search(rf"^{extra} = \[", project, re.MULTILINE), extra
