"""What ``alchemove init`` leaves as it is, and why."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from alchemove_codemods.init.run import Initialisation, run
from alchemove_codemods.registry import reasons

ENGINE = "from sqlalchemy import create_engine\n"
USER = "from app.database import engine\n"
# reason → the legacy module, what other files there are, and what is written
CASES: dict[str, tuple[str, dict[str, str], set[str]]] = {
    "several-engines": (
        """
        engine = create_engine("sqlite://")
        readonly_engine = create_engine("sqlite://")
        """,
        {"app/reports.py": "from app.database import readonly_engine\n"},
        set(),
    ),
    "async-engine": (
        """
        from sqlalchemy.ext.asyncio import create_async_engine
        engine = create_engine("sqlite://")
        async_engine = create_async_engine("sqlite+aiosqlite://")
        """,
        {},
        {"app/db/__init__.py", "app/db/session.py"},
    ),
    "engine-in-function": (
        """
        def make(url):
            with create_engine(url).connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        """,
        {},
        set(),
    ),
    "engine-made-later": (
        """
        engine = None

        def configure(url):
            global engine
            engine = create_engine(url)
        """,
        {},
        {"app/db/__init__.py", "app/db/session.py"},
    ),
    "replaced-from-outside": (
        """
        URL = "sqlite://"

        def make():
            return create_engine(URL)

        engine = make()
        """,
        {"tests/test_app.py": "def test_it(monkeypatch):\n    monkeypatch.setattr('app.database.URL', 'x')\n"},
        {"app/db/__init__.py", "app/db/session.py"},
    ),
    "used-in-place": (
        """
        engine = create_engine("sqlite://")
        print(f"{engine.url}")
        """,
        {},
        {"app/db/__init__.py", "app/db/session.py"},
    ),
    "entangled": (
        """
        engine = create_engine("sqlite://"); LIMIT = 1
        """,
        {},
        {"app/db/__init__.py", "app/db/session.py"},
    ),
    "imported-with-star": (
        """
        engine = create_engine("sqlite://")
        """,
        {"app/all.py": "from app.database import *\n"},
        {"app/db/__init__.py", "app/db/session.py"},
    ),
    "reserved-name": (
        """
        database = "sqlite://"
        engine = create_engine(database)
        """,
        {},
        {"app/db/__init__.py", "app/db/session.py"},
    ),
    "no-place": (
        """
        engine = create_engine("sqlite://")
        """,
        {f"app/{name}.py": "" for name in ("db/session", "session", "db_session")},
        set(),
    ),
    "driver-arguments": (
        """
        engine = create_engine("postgresql://", connect_args={"application_name": "shop"})
        """,
        {},
        {"app/db/__init__.py", "app/db/session.py", "app/database.py"},
    ),
    "engine-listeners": (
        """
        from sqlalchemy import event
        engine = create_engine("sqlite://")
        event.listen(engine, "connect", print)
        """,
        {},
        {"app/db/__init__.py", "app/db/session.py", "app/database.py"},
    ),
    "session-of-its-own": (
        """
        from sqlalchemy.orm import Session
        engine = create_engine("sqlite://")

        def new_session():
            return Session(engine, autoflush=False)
        """,
        {},
        {"app/db/__init__.py", "app/db/session.py", "app/database.py"},
    ),
    "stays": (
        """
        engine = create_engine("sqlite://")

        def greeting():
            return "hello"
        """,
        {},
        {"app/db/__init__.py", "app/db/session.py", "app/database.py"},
    ),
}
# Those that are about more than one module have programs.
OF_PROGRAMS = {"flask-sqlalchemy", "package-at-the-top", "several-databases"}


def initialise(legacy: str, more: dict[str, str] | None = None, **files: str) -> Initialisation:
    sources = {
        "app/__init__.py": b"",
        "app/database.py": (ENGINE + dedent(legacy)).encode(),
        "app/main.py": USER.encode(),
        **{name: content.encode() for name, content in {**(more or {}), **files}.items()},
    }
    return run(sources, (), list(sources), [])


@pytest.mark.parametrize("reason", CASES)
def test_what_is_left_has_its_reason_at_its_line(reason: str) -> None:
    legacy, more, written = CASES[reason]
    done = initialise(legacy, more)
    assert reason in {each.reason for each in done.outcome.findings}
    assert set(done.outcome.changed) == written
    assert done.stuck == (not written)
    lines = (ENGINE + dedent(legacy)).count("\n")
    assert all(1 < each.line <= lines for each in done.outcome.findings)


def test_every_reason_has_a_case() -> None:
    declared = {reason for reason, (rule, _) in reasons().items() if rule.stage == "shim"}
    assert declared == set(CASES) | OF_PROGRAMS
    given = "".join(path.read_text() for path in (Path(__file__).parent / "programs").rglob("findings.txt"))
    assert all(reason in given for reason in OF_PROGRAMS)


def test_an_engine_that_has_a_reserved_name_itself_is_imported_under_another_one() -> None:
    done = initialise("""
    get_session = create_engine("sqlite://")
    """)
    assert [each.reason for each in done.outcome.findings] == ["reserved-name"]
    written = done.outcome.changed["app/db/session.py"]
    assert b"from app.database import get_session as legacy_get_session\n" in written
    assert b"Database.from_engine(legacy_get_session)\n" in written


def test_of_two_engines_the_one_is_taken_whose_name_does_not_say_that_it_is_for_tests() -> None:
    legacy = """
    engine = create_engine("sqlite://")
    test_engine = create_engine("sqlite://")

    def pick(testing):
        return test_engine if testing else engine
    """
    done = initialise(legacy, {"app/jobs.py": "from app.database import pick\n"})
    assert {each.reason for each in done.outcome.findings} == {None, "stays"}
    assert "several-engines" not in {each.reason for each in done.outcome.findings}
    assert b'engine = create_engine("sqlite://")' in done.outcome.changed["app/db/session.py"]


def test_of_two_engines_none_is_taken_where_it_is_not_known_who_uses_them() -> None:
    legacy = """
    engine = create_engine("sqlite://")
    test_engine = create_engine("sqlite://")
    """
    done = initialise(legacy, {"app/jobs.py": "from app.database import *\n"})
    assert [each.reason for each in done.outcome.findings] == ["several-engines", "several-engines"]


def test_a_program_without_an_engine_is_told_so() -> None:
    done = run({"app.py": b"import os\n"}, (), ["app.py"], [])
    assert done.stuck
    assert "no module here makes an engine" in done.notes[0]


def test_a_module_of_tests_is_taken_only_when_it_is_named() -> None:
    sources = {"tests/database.py": (ENGINE + "engine = create_engine('sqlite://')\n").encode()}
    assert run(sources, (), list(sources), []).stuck
    assert not run(sources, (), list(sources), list(sources)).stuck


def test_what_other_modules_import_from_the_legacy_module_stays_there() -> None:
    legacy = """
    from sqlalchemy.orm import Session, sessionmaker
    engine = create_engine("sqlite://")
    SessionLocal = sessionmaker(bind=engine)
    """
    done = initialise(legacy, {"app/work.py": "from app.database import Session, sessionmaker as maker\n"})
    assert b"from sqlalchemy.orm import Session, sessionmaker\n" in done.outcome.changed["app/database.py"]
    assert b"create_engine" not in done.outcome.changed["app/database.py"]


def test_line_ends_and_encoding_of_the_legacy_module_stay() -> None:
    legacy = "# coding: latin-1\r\nfrom sqlalchemy import create_engine\r\nengine = create_engine('sqlite://')\r\nname = 'é'\r\n"
    sources = {"database.py": legacy.encode("latin-1"), "main.py": b"from database import engine\n"}
    done = run(sources, (), list(sources), [])
    after = done.outcome.changed["database.py"]
    assert b"name = '\xe9'\r\n" in after
    assert after.count(b"\n") == after.count(b"\r\n")
    written = done.outcome.changed["db/session.py"]
    assert written.count(b"\n") == written.count(b"\r\n")


def test_moved_text_that_is_not_ascii_is_written_as_utf8() -> None:
    legacy = "# coding: latin-1\nfrom sqlalchemy import create_engine\nNAME = 'é'\nengine = create_engine(NAME)\n"
    sources = {"database.py": legacy.encode("latin-1"), "main.py": b"from database import engine\n"}
    done = run(sources, (), list(sources), [])
    assert "NAME = 'é'" in done.outcome.changed["db/session.py"].decode("utf-8")


def test_what_is_done_before_the_engine_is_made_is_still_done_before() -> None:
    legacy = """
    import logging
    from app.env import load_dotenv, check
    loaded = load_dotenv()
    logger = logging.getLogger(__name__)
    check(loaded)
    engine = create_engine("sqlite://")
    later = check("later")
    """
    done = initialise(legacy, {"app/env.py": "def load_dotenv(): ...\ndef check(x): ...\n"})
    written = done.outcome.changed["app/db/session.py"].decode()
    assert written.index("loaded = load_dotenv()") < written.index("check(loaded)") < written.index("engine = create")
    # A logger is named after the module that it is of.
    assert "getLogger" not in written
    assert "later" not in written


def test_a_class_that_keeps_its_engines_in_a_dictionary_has_none_to_share() -> None:
    legacy = """
    class Manager:
        def __init__(self):
            self.engines = {}
            self.engines["main"] = create_engine("sqlite://")

    manager = Manager()
    """
    done = initialise(legacy)
    assert [each.reason for each in done.outcome.findings] == ["engine-in-function"]
    assert not done.outcome.changed
    done = initialise(legacy.replace("= {}", '= create_engine("sqlite://")').replace('["main"]', ""))
    assert b"lambda: manager.engines" in done.outcome.changed["app/db/session.py"]


@pytest.mark.parametrize(
    ("legacy", "other"),
    [
        (
            'def make(url="sqlite://"):\n    return create_engine(url)\n',
            "from app.database import make\nmake('sqlite:///x')\n",
        ),
        ('def factory():\n    made = create_engine("sqlite://")\n    return sessionmaker(made)\n', ""),
        ('def connect():\n    made = create_engine("sqlite://")\n    return made, 1\n', ""),
    ],
    ids=["called with arguments", "returns a factory", "returns two things"],
)
def test_only_a_function_that_returns_the_engine_of_the_application_is_asked_for_it(legacy: str, other: str) -> None:
    done = initialise("from sqlalchemy.orm import sessionmaker\n" + legacy, {"app/main.py": other})
    assert [each.reason for each in done.outcome.findings] == ["engine-in-function"]
    assert not done.outcome.changed


@pytest.mark.parametrize(
    "legacy",
    [
        'def make(url="sqlite://"):\n    return create_engine(url)\n',
        'def make():\n    made = create_engine("sqlite://")\n    return made\n',
        'def make():\n    if not hasattr(make, "engine"):\n        make.engine = create_engine("sqlite://")\n    return make.engine\n',
    ],
    ids=["default", "variable", "attribute"],
)
def test_a_function_that_returns_the_engine_is_asked_for_it(legacy: str) -> None:
    done = initialise(
        legacy, {"app/main.py": "from app.database import make\nmake()\n", "tests/test_app.py": "make('x')\n"}
    )
    assert b"Database.from_engine(make)" in done.outcome.changed["app/db/session.py"]
