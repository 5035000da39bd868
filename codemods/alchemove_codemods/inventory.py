"""What a program consists of, as far as a migration is concerned: models, sessions, drivers and frameworks.

Models are those that the facts prove to be mapped. The rest is found by the names of the libraries, which nobody
renames: this is an overview to plan with, and decides nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.program import Program

_MAPPED = (b"olumn(", b"relationship(", b"__tablename__", b"__table__", b"SQLModel", b"Mapped[", b".Model")
_SESSION = re.compile(
    rb"^[ \t]*([\w.]+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:\w+\.)*"
    rb"(sessionmaker|scoped_session|async_sessionmaker|async_scoped_session|Session|AsyncSession|SQLAlchemy)\(",
    re.MULTILINE,
)
_URL = re.compile(rb"[\"'](postgres(?:ql)?|mysql|mariadb|sqlite|oracle|mssql)(?:\+(\w+))?://")
_DRIVERS = (
    *("aiomysql", "aiosqlite", "asyncmy", "asyncpg", "cx_Oracle", "MySQLdb", "mysql.connector", "oracledb", "pg8000"),
    *("psycopg", "psycopg2", "pymssql", "pymysql", "pyodbc", "sqlite3"),
)
_FRAMEWORKS = (
    *(
        "aiohttp",
        "alembic",
        "ariadne",
        "celery",
        "click",
        "django",
        "dramatiq",
        "factory",
        "falcon",
        "fastapi",
        "flask",
    ),
    *(
        "flask_admin",
        "flask_appbuilder",
        "flask_login",
        "flask_migrate",
        "flask_restful",
        "flask_sqlalchemy",
        "graphene",
    ),
    *(
        "graphene_sqlalchemy",
        "litestar",
        "marshmallow",
        "marshmallow_sqlalchemy",
        "pydantic",
        "pyramid",
        "pytest",
        "rq",
    ),
    *(
        "sanic",
        "sqladmin",
        "sqlalchemy_utils",
        "sqlmodel",
        "starlette",
        "strawberry",
        "tornado",
        "typer",
        "zope.sqlalchemy",
    ),
)


def of(
    sources: Mapping[str, bytes],
    targets: Collection[str] | None = None,
    source_roots: Sequence[str] = (),
    session_names: Sequence[str] = (),
) -> dict[str, list[str]]:
    """Look through *targets* (default: all) of *sources*, which are the program.

    Returns:
        ``models`` and ``sessions`` as ``path:line name``, in order of path; ``drivers`` and ``frameworks`` as
        ``name (files)``, most used first.
    """
    about = sources if targets is None else {path: sources[path] for path in targets}
    program = Program(sources, source_roots)
    models = Knowledge(program, session_names).models
    return {
        "models": [model for path in sorted(about) for model in _models(path, program, models)],
        "sessions": list(_sessions(about)),
        "drivers": _counted(_imports(about, _DRIVERS) + _urls(about)),
        "frameworks": _counted(_imports(about, _FRAMEWORKS)),
    }


def _models(path: str, program: Program, models: Models) -> Iterator[str]:
    if any(word in program.raw[path] for word in _MAPPED) and (module := program.module(path)) is not None:
        for node, facts in module.classes.items():
            if models.is_mapped(facts):
                yield f"{path}:{node.lineno} {facts.name}"


def _sessions(sources: Mapping[str, bytes]) -> Iterator[str]:
    for path, source in sorted(sources.items()):
        if b"ession" in source or b"SQLAlchemy(" in source:
            for match in _SESSION.finditer(source):
                line = source.count(b"\n", 0, match.start(1)) + 1
                yield f"{path}:{line} {match[1].decode()} = {match[2].decode()}()"


def _imports(sources: Mapping[str, bytes], names: Sequence[str]) -> Counter[str]:
    pattern = re.compile(
        rb"^[ \t]*(?:from|import)[ \t]+("
        + "|".join(sorted(names, reverse=True)).replace(".", r"\.").encode()
        + rb")(?!\w)",
        re.MULTILINE,
    )
    return Counter(
        name.decode() for source in sources.values() if b"import" in source for name in set(pattern.findall(source))
    )


def _urls(sources: Mapping[str, bytes]) -> Counter[str]:
    return Counter(
        f"{dialect.decode()}+{driver.decode()}://" if driver else f"{dialect.decode()}://"
        for source in sources.values()
        if b"://" in source
        for dialect, driver in set(_URL.findall(source))
    )


def _counted(found: Counter[str]) -> list[str]:
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [f"{name} ({files} file{'' if files == 1 else 's'})" for name, files in ordered]
