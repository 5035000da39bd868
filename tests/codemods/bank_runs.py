"""Runs a case of the stage ``sessions``: on a fresh database, undisturbed, with each write failing, and with each commit failing."""

from __future__ import annotations

import re
import sqlite3
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import close_all_sessions

from tests.codemods.cases import FIXTURES
from tests.codemods.recording import described

BANK = ("bank", "bank_session", "bank_legacy")
SEED = """
    insert into accounts (id, name, balance) values (1, 'ada', 10), (2, 'ben', 20), (3, 'cleo', 0);
    insert into entries (id, amount, account_id) values (1, 10, 1), (2, 15, 2), (3, 5, 2);
"""


@contextmanager
def _program(path: Path, files: Mapping[str, str], options: str) -> Iterator[dict[str, types.ModuleType]]:
    """The modules of the bank, made anew on the database *path*, and the further *files* of the case."""
    texts = {name: (FIXTURES / f"{name}.py").read_text(encoding="utf-8") for name in BANK}
    if options:
        texts = with_options(texts, options)
    texts |= {name.removesuffix(".py").replace("/", "."): text for name, text in files.items()}
    before = {name: sys.modules.pop(name, None) for name in texts}
    made: dict[str, types.ModuleType] = {}
    try:
        for name, text in texts.items():
            module = made[name] = types.ModuleType(name)
            sys.modules[name] = module
            code = text.replace('os.environ.get("BANK_PATH", "bank.db")', repr(str(path))) if name == "bank" else text
            exec(compile(code, f"{name}.py", "exec"), vars(module))
        yield made
    finally:
        close_all_sessions()
        made["bank_session"].database.close_all_connections()
        event.remove(Engine, "connect", made["bank"]._constraints)
        for name, module in before.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module


def with_options(texts: Mapping[str, str], options: str) -> dict[str, str]:
    """The texts of the bank with options of its sessions: ``new=...; old=...``, each as keyword arguments."""
    new, _, old = options.partition(";")
    changed = dict(texts)
    changed["bank_session"] = texts["bank_session"].replace(
        "+ PATH)", f"+ PATH, session_options=dict({new.strip()}))" if new.strip() else "+ PATH)"
    )
    changed["bank_legacy"] = texts["bank_legacy"].replace(
        "LegacyDatabase(database)",
        f"LegacyDatabase(database, {old.strip()})" if old.strip() else "LegacyDatabase(database)",
    )
    return changed


@contextmanager
def _failing(kind: str, at: int) -> Iterator[list[int]]:
    """The write, or the commit of something written, number *at* (from 1) fails; the list counts them."""
    count = [0]
    wrote: dict[int, bool] = {}

    def before_cursor(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.lstrip().split(" ", 1)[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            wrote[id(connection.connection.dbapi_connection)] = True
            if kind == "write":
                count[0] += 1
                if count[0] == at:
                    raise OperationalError(statement[:6], {}, Exception("the disk is full"))

    def commit(connection: Any) -> None:
        key = id(connection.connection.dbapi_connection)
        if wrote.pop(key, False) and kind == "commit":
            count[0] += 1
            if count[0] == at:
                raise OperationalError("commit", {}, Exception("the server went away"))

    def rollback(connection: Any) -> None:
        wrote.pop(id(connection.connection.dbapi_connection), None)

    listening = [("before_cursor_execute", before_cursor), ("commit", commit), ("rollback", rollback)]
    for name, function in listening:
        event.listen(Engine, name, function)
    try:
        yield count
    finally:
        for name, function in listening:
            event.remove(Engine, name, function)


def outcome(
    code: str, files: Mapping[str, str], folder: Path, kind: str, at: int, argument: Any, options: str
) -> tuple[dict[str, Any], int]:
    """What ``run()`` of *code* gives, leaves in the database and tells the outside, and how often what can fail happened."""
    path = folder / "bank.db"
    path.unlink(missing_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _program(path, files, options) as modules:
            bank = modules["bank"]
            bank.Base.metadata.create_all(modules["bank_session"].database.sync_engine)
            connection = sqlite3.connect(path)
            connection.executescript(SEED)
            connection.close()
            namespace: dict[str, Any] = {"__name__": "case"}
            exec(compile(code, "case.py", "exec"), namespace)
            value = error = None
            with _failing(kind, at) as count:
                try:
                    value = seen(namespace["run"](*argument))
                except Exception as exception:  # noqa: BLE001 - it is what is compared
                    error = (type(exception).__name__, re.sub(r"0x[0-9a-f]+", "0x", str(exception).split("\n", 1)[0]))
            state = {"value": value, "error": error, "sent": list(bank.sent), **rows(path)}
            open_ = modules["bank_session"].database.sync_engine.pool.checkedout()
            return {**state, "connections in use": open_}, count[0]


def rows(path: Path) -> dict[str, Any]:
    """What is in the database, seen by a connection of its own."""
    connection = sqlite3.connect(path)
    try:
        return {
            table: connection.execute(f"select * from {table} order by id").fetchall()
            for table in ("accounts", "entries")
        }
    finally:
        connection.close()


def seen(value: Any) -> Any:
    """What whoever called the function can read from *value*: columns of objects, or the error of reading them."""
    if isinstance(value, (list, tuple)):
        return [seen(v) for v in value]
    if isinstance(value, dict):
        return {repr(k): seen(v) for k, v in value.items()}
    if hasattr(value, "_sa_instance_state"):
        try:
            return {name: getattr(value, name) for name in value.__mapper__.column_attrs.keys()}  # noqa: SIM118
        except Exception as exception:  # noqa: BLE001 - detached and expired, for instance
            return type(exception).__name__
    return described(value)


def scenarios(
    code: str, files: Mapping[str, str], folder: Path, arguments: list[Any], options: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that *code* is put through, with what comes of it."""
    for argument in arguments:
        undisturbed, _ = outcome(code, files, folder, "none", 0, argument, options)
        yield f"run{argument}", undisturbed
        for kind in ("write", "commit"):
            _, times = outcome(code, files, folder, kind, 0, argument, options)
            for at in range(1, times + 1):
                yield f"run{argument}, {kind} {at} fails", outcome(code, files, folder, kind, at, argument, options)[0]
