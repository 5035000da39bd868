"""Every case of ``fixtures/sessions``: what it becomes, and that it does the same, whatever fails."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from alchemove_codemods.engine import run
from alchemove_codemods.findings import Outcome
from alchemove_codemods.registry import rules
from tests.codemods.bank_runs import BANK, scenarios, with_options
from tests.codemods.cases import FIXTURES, PATH, Case, _indented, load

CASES = [case for path in sorted((FIXTURES / "sessions").glob("*.py")) for case in load(path)]
IDS = [f"{c.origin}/{c.name}" for c in CASES]
_OPTIONS = re.compile(r"^# options: (.*)\n", re.MULTILINE)
_ARGUMENTS = re.compile(r"^# with: (.*)\n", re.MULTILINE)


def options_of(case: Case) -> str:
    found = _OPTIONS.search(case.header + "\n")
    return found[1] if found else ""


def header_of(case: Case) -> str:
    return _OPTIONS.sub("", case.header + "\n").strip() + "\n\n\n"


def sources(case: Case) -> dict[str, bytes]:
    texts = {name: (FIXTURES / f"{name}.py").read_text(encoding="utf-8") for name in BANK}
    if options_of(case):
        texts = with_options(texts, options_of(case))
    return {**{f"{n}.py": t.encode() for n, t in texts.items()}, **{n: t.encode() for n, t in case.files.items()}}


def rewritten(case: Case, text: bytes) -> tuple[Outcome, bytes]:
    outcome = run("sessions", {**sources(case), PATH: text}, targets=[PATH])
    return outcome, outcome.changed.get(PATH, text)


def as_it_stands(text: str) -> str:
    return text


def in_a_class(text: str) -> str:
    return "if True:\n" + _indented(text)


def by_tabs(text: str) -> str:
    return re.sub(r"^( {4})+", lambda m: "\t" * (len(m[0]) // 4), text, flags=re.MULTILINE)


def with_comments(text: str) -> str:
    return "# how it is kept\n" + text


VARIANTS = [as_it_stands, in_a_class, by_tabs, with_comments]


def test_a_file_that_does_not_parse_hides_no_other() -> None:
    case = next(c for c in CASES if c.changes)
    text = (header_of(case) + case.before).encode()
    broken = b"from database import SessionLocal\n\n\ndef f(:\n    yield SessionLocal()\n"
    outcome = run("sessions", {**sources(case), "broken.py": broken, PATH: text})
    assert [p.path for p in outcome.problems] == ["broken.py"]
    assert outcome.changed[PATH] == rewritten(case, text)[1]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_case_becomes_exactly_what_it_should(case: Case, variant, newline: str) -> None:
    if variant.__name__ in case.without:
        return
    head = header_of(case)
    before = (head + variant(case.before)).replace("\n", newline)
    outcome, result = rewritten(case, before.encode())
    assert not outcome.problems
    expected = variant(case.after).replace("\n", newline)
    text = result.decode()
    assert text.endswith(expected), f"\n--- expected\n{expected}\n--- got\n{text}"
    compile(result, PATH, "exec")
    offset = (head + variant("pass\n")).count("\n") - 1
    wanted = Counter({(line + offset if line else 0, r): n for (line, r), n in case.refusals.items()})
    anywhere = {reason for line, reason in wanted if not line}
    found = Counter(
        (0 if (f.reason or f.status) in anywhere else f.line, f.reason or f.status)
        for f in outcome.findings
        if f.status != "rewritten"
    )
    assert found == wanted


@pytest.mark.parametrize("case", [c for c in CASES if c.changes], ids=lambda c: f"{c.origin}/{c.name}")
def test_a_second_run_changes_nothing(case: Case) -> None:
    _, result = rewritten(case, (header_of(case) + case.before).encode())
    again, second = rewritten(case, result)
    assert second == result
    assert again.count("rewritten") == 0


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.changes and "run" not in c.without], ids=lambda c: f"{c.origin}/{c.name}"
)
def test_a_rewritten_case_does_the_same_whatever_fails(case: Case, tmp_path: Path) -> None:
    before = header_of(case) + case.before
    after = rewritten(case, before.encode())[1].decode()
    found = _ARGUMENTS.search(case.before)
    arguments = list(ast.literal_eval(found[1])) if found else [()]
    old = dict(scenarios(before, case.files, tmp_path, arguments, options_of(case)))
    new = dict(scenarios(after, case.files, tmp_path, arguments, options_of(case)))
    # A session that nobody closed when something failed is closed now.
    assert all(state.pop("connections in use") == 0 for state in new.values())
    for state in old.values():
        del state["connections in use"]
    assert new == old


RULES = [rule for rule in rules().values() if rule.stage == "sessions"]


def test_every_reason_has_a_case() -> None:
    declared = {reason for rule in RULES for reason in rule.reasons}
    shown = {reason for case in CASES for _, reason in case.refusals} | {"skipped"}
    # What is not initialised is a program of its own, below.
    assert declared | {"skipped"} == shown | {"not-initialised"}


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_every_rule_has_a_fixture_file_with_both_outcomes(rule) -> None:
    cases = [c for c in CASES if c.origin == "/".join(rule.function.__module__.split(".")[-2:])]
    assert any(c.changes for c in cases)
    assert any(c.refusals for c in cases)


LEGACY = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = create_engine("sqlite://")
SessionLocal = sessionmaker(bind=engine)
"""
SESSION = """\
from alchemove import Database

database = Database.from_env()
get_sync_session = database.sync_session
"""
SHIM = """\
from alchemove import LegacyDatabase
from app.db.session import database

legacy = LegacyDatabase(database)
legacy.export(__name__, SessionLocal="app.db.session.get_sync_session", Factory=("SessionLocal", "app.db.session.get_sync_session"))
"""
PROGRAM = {"app/__init__.py": "", "app/db/__init__.py": "", "app/db/session.py": SESSION, "app/database.py": SHIM}
USE = """\
def count():
    with {}() as db:
        return db.query(User).count()
"""
NEW = USE.format("get_sync_session")


def changed(files: dict[str, str], path: str) -> str:
    outcome = run("sessions", {name: text.encode() for name, text in files.items()}, targets=[path])
    return outcome.changed.get(path, files[path].encode()).decode()


def test_without_a_session_module_every_opening_says_that_init_has_to_run_first() -> None:
    files = {
        "app/__init__.py": "",
        "app/database.py": LEGACY,
        "app/work.py": "from app.database import SessionLocal\n\n\n" + USE.format("SessionLocal"),
    }
    outcome = run("sessions", {name: text.encode() for name, text in files.items()})
    assert [(f.path, f.reason) for f in outcome.findings] == [("app/work.py", "not-initialised")]
    assert "alchemove init" in outcome.findings[0].message
    assert not outcome.changed


IMPORTS = [
    ("from app.database import SessionLocal", "SessionLocal", "from app.db.session import get_sync_session"),
    ("from app.database import SessionLocal as S", "S", "from app.db.session import get_sync_session"),
    ("from app.database import Factory", "Factory", "from app.db.session import get_sync_session"),
    ("from .database import SessionLocal", "SessionLocal", "from .db.session import get_sync_session"),
    ("from app import database", "database.SessionLocal", "from app.db.session import get_sync_session"),
    ("from . import database", "database.SessionLocal", "from .db.session import get_sync_session"),
    (
        "from app.database import SessionLocal, engine",
        "SessionLocal",
        "from app.database import engine\nfrom app.db.session import get_sync_session",
    ),
    (
        "import app.database",
        "app.database.SessionLocal",
        "import app.database\nfrom app.db.session import get_sync_session",
    ),
    ("from app.shared import SessionLocal", "SessionLocal", "from app.db.session import get_sync_session"),
    ("from app.shared import opened", "opened", "from app.db.session import get_sync_session"),
]


@pytest.mark.parametrize(("before", "name", "after"), IMPORTS, ids=[i[0] for i in IMPORTS])
def test_imports_change_with_what_they_are_for(before: str, name: str, after: str) -> None:
    shared = "from app.database import SessionLocal\n\nopened = SessionLocal\n"
    files = {**PROGRAM, "app/shared.py": shared, "app/work.py": f"{before}\n\n\n{USE.format(name)}"}
    assert changed(files, "app/work.py") == f"{after}\n\n\n{NEW}"


def test_an_import_that_others_take_from_the_file_stays() -> None:
    files = {
        **PROGRAM,
        "app/work.py": f"from app.database import SessionLocal\n\n\n{USE.format('SessionLocal')}",
        "app/other.py": "from app.work import SessionLocal\n",
    }
    assert changed(files, "app/work.py").startswith("from app.database import SessionLocal\n")


def test_an_import_inside_of_a_function_stays_there() -> None:
    body = "def count():\n    from app.database import {0}\n\n    with {0}() as db:\n        return db.query(User).count()\n"
    files = {**PROGRAM, "app/work.py": body.format("SessionLocal")}
    expected = body.format("get_sync_session").replace("app.database", "app.db.session")
    assert changed(files, "app/work.py") == expected


_OF_A_MODULE = "from app.database import SessionLocal\n\ndb = SessionLocal()\nusers = db.query(User).count()\n"


@pytest.mark.parametrize(
    "other",
    [
        {"app/other.py": "from app.work import db\n"},
        {"app/other.py": "from app import work\n\n\ndef count():\n    return work.db.query(User).count()\n"},
        {"app/work.py": f'{_OF_A_MODULE}legacy.export(__name__, session=("app.work:db", "get_sync_session"))\n'},
    ],
    ids=["imported", "read as an attribute", "announced as a text"],
)
def test_a_session_of_a_module_stays_where_something_else_takes_it_from_there(other: dict[str, str]) -> None:
    files = {**PROGRAM, "app/work.py": _OF_A_MODULE}
    assert "with get_sync_session() as db:" in changed(files, "app/work.py")
    files |= other
    assert changed(files, "app/work.py") == files["app/work.py"]


WAYS = [
    (
        "def inner(db):\n    other.work(db)\n\n\ndef outer(db):\n    inner(db)\n\n\ndef run():\n    with SessionLocal() as db:\n        outer(db)\n",
        "outer() → inner() → work() at app/work.py:5",
    ),
    (
        "def end(db):\n    db.close()\n\n\ndef run():\n    with SessionLocal() as db:\n        end(db)\n        db.commit()\n",
        "end() → close() at app/work.py:5",
    ),
    (
        "def run():\n    with SessionLocal() as db:\n        rows = db.query(User)\n    return rows.all()\n",
        "rows, read in line 7",
    ),
    ("def run(other):\n    return other.work(SessionLocal())\n", "given to work()"),
    ("def run():\n    return SessionLocal()\n", "returned"),
    ("def run():\n    return SessionLocal().query(User).count()\n", "used at once: .query"),
    ("class Kept:\n    def __init__(self):\n        self.db = SessionLocal()\n", "stored in self.db"),
]


@pytest.mark.parametrize(("code", "told"), WAYS, ids=[told for _, told in WAYS])
def test_a_refusal_tells_what_stands_in_the_way_and_where(code: str, told: str) -> None:
    text = f"from app.database import SessionLocal\n\n\n{code}"
    files = {name: body.encode() for name, body in {**PROGRAM, "app/work.py": text}.items()}
    outcome = run("sessions", files, targets=["app/work.py"])
    assert [told in f.message for f in outcome.findings] == [True], outcome.findings


def test_a_block_that_drops_what_nobody_committed_says_so() -> None:
    text = "from app.database import SessionLocal\n\n\ndef run(work):\n    with SessionLocal() as db:\n        db.add(work)\n"
    files = {name: body.encode() for name, body in {**PROGRAM, "app/work.py": text}.items()}
    outcome = run("sessions", files, targets=["app/work.py"])
    assert ["discard_uncommitted()" in f.message for f in outcome.findings] == [True]
    assert "discard_uncommitted(db)" in outcome.changed["app/work.py"].decode()


def test_sessions_of_requests_and_blocking_ones_are_no_sites() -> None:
    text = (
        "from fastapi import Depends\n\nfrom app.database import SessionLocal\n\n\ndef session():\n    with SessionLocal() as db:\n"
        "        yield db\n\n\nasync def end(db=Depends(session)):\n    with SessionLocal() as own:\n        return own.query(User).count()\n"
    )
    files = {name: body.encode() for name, body in {**PROGRAM, "app/work.py": text}.items()}
    outcome = run("sessions", files, targets=["app/work.py"])
    assert [(f.rule, f.status) for f in outcome.sites] == [("session-local", "rewritten")]
    assert {f.reason for f in outcome.findings} == {None, "session-dependency", "blocks-event-loop"}
