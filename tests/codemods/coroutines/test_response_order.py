"""`commit_before_response(app)` is added where the project pins a FastAPI that responds before it commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from alchemove_codemods.engine import Options, run
from alchemove_codemods.pinned_fastapi import read, responds_first
from alchemove_codemods.pinned_pydantic import is_first
from tests.codemods.coroutines.test_programs_become_async import COMMON
from tests.codemods.test_programs import tree

API = """from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import User

router = APIRouter()


@router.get("/names")
def names(db: Session = Depends(get_db)):
    return db.scalars(select(User.name)).all()


"""
GLOBAL = """app = FastAPI()
app.include_router(router)

if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app)
"""
FACTORY = """def create_app() -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    return app
"""


def rewritten(text: str, version: tuple[int, int] | None) -> str:
    options = Options(stage_options={"fastapi": version} if version is not None else {})
    outcome = run("async", {**tree(COMMON), "api.py": text.encode()}, options)
    return outcome.changed.get("api.py", text.encode()).decode()


def test_the_line_follows_the_last_statement_about_the_application() -> None:
    text = rewritten(API + GLOBAL, (0, 99))
    assert "app.include_router(router)\ncommit_before_response(app)\n\nif __name__" in text
    assert "from alchemove import commit_before_response\n" in text
    assert rewritten(text, (0, 99)) == text


def test_in_a_factory_it_stands_before_the_application_is_returned() -> None:
    text = rewritten(API + FACTORY, (0, 119))
    assert "    app.include_router(router)\n    commit_before_response(app)\n    return app\n" in text


@pytest.mark.parametrize("version", [None, (0, 106), (0, 117), (0, 121)])
def test_other_versions_need_nothing(version: tuple[int, int] | None) -> None:
    assert "commit_before_response" not in rewritten(API + GLOBAL, version)


def test_where_no_endpoint_has_the_session_of_a_request_nothing_is_added() -> None:
    text = "from fastapi import FastAPI\n\napp = FastAPI()\n"
    assert rewritten(text, (0, 99)) == text


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        ("requirements.txt", "# the web\nfastapi[all]==0.95.1\nfastapi-utils==0.2\n", (0, 95)),
        ("requirements/base.txt", "FastAPI ~= 0.111.0\n", (0, 111)),
        ("requirements.txt", "fastapi>=0.95\n", None),
        ("requirements.txt", "fastapi-mail==1.2.1\n", None),
        ("pyproject.toml", '[tool.poetry.dependencies]\nfastapi = "^0.95.1"\n', (0, 95)),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nfastapi = { version = "^0.103", extras = ["all"] }\n',
            (0, 103),
        ),
        ("pyproject.toml", '[project]\ndependencies = ["fastapi[standard]==0.119.0"]\n', (0, 119)),
        ("pyproject.toml", '[project]\ndependencies = ["fastapi>=0.95,<1"]\n', None),
        ("poetry.lock", '[[package]]\nname = "fastapi"\nversion = "0.104.1"\n', (0, 104)),
        ("Pipfile.lock", '{"default": {"fastapi": {"hashes": ["x"], "version": "==0.88.0"}}}', (0, 88)),
    ],
)
def test_the_version_is_read_from_what_pins_it(
    tmp_path: Path, name: str, text: str, version: tuple[int, int] | None
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    assert read(tmp_path) == version


def test_a_lock_file_says_more_than_requirements_and_two_that_differ_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("fastapi==0.95.0\n")
    (tmp_path / "uv.lock").write_text('[[package]]\nname = "fastapi"\nversion = "0.115.0"\n')
    assert read(tmp_path) == (0, 115)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "uv.lock").write_text('[[package]]\nname = "fastapi"\nversion = "0.95.0"\n')
    assert read(tmp_path) is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_requirements_are_read_as_powershell_writes_them(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "requirements.txt").write_bytes("fastapi==0.95.0\r\nuvicorn==0.20.0\r\n".encode(encoding))
    assert read(tmp_path) == (0, 95)


def test_the_versions_are_those_of_the_guide() -> None:
    assert [minor for minor in range(95, 130) if responds_first((0, minor))] == [*range(95, 106), 118, 119, 120]


@pytest.mark.parametrize(
    ("requirements", "first"),
    [
        ("pydantic==1.9.1", True),
        ("pydantic<2", True),
        ("pydantic>=1.10", False),
        ("pydantic==2.7.0\nfastapi==0.99.0", False),
        ("fastapi==0.99.1", True),
        ("fastapi==0.110.0", False),
        ("flask", False),
    ],
)
def test_a_project_is_on_pydantic_1_where_nothing_else_is_allowed(
    tmp_path: Path, requirements: str, first: bool
) -> None:
    (tmp_path / "requirements.txt").write_text(requirements + "\n")
    assert is_first(tmp_path) == first
