"""What has to stay sync whatever calls it, and why: somebody else calls it, and does not await."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.facts import PROPERTIES, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.test_files import in_test_folder, is_test_file

_TASKS = frozenset({"task", "shared_task", "periodic_task", "actor", "job", "db_task", "db_periodic_task", "cron"})
_COMMANDS = frozenset({"command", "group", "callback", "cli_command"})
_PROPERTIES = frozenset(
    {
        *PROPERTIES,
        *("setter", "getter", "deleter", "expression", "comparator", "declared_attr", "hybrid_method"),
    }
)
_VALIDATORS = frozenset(
    {
        *("validator", "root_validator", "field_validator", "model_validator", "validates", "validate"),
        *("field_serializer", "model_serializer", "computed_field", "validates_schema", "pre_load", "post_load"),
    }
)
_HANDLERS = frozenset({"listens_for", "receiver", "connect", "connect_via", "on_event", "errorhandler"})
_WSGI = frozenset({"route", "before_request", "after_request", "teardown_request", "context_processor"})
_AWAITABLE_DUNDERS = frozenset({"__aenter__", "__aexit__", "__aiter__", "__anext__", "__call__"})
_REVISION = b"down_revision"
_TESTS = re.compile(rb"^(?:\s*(?:(?:async )?def test_|assert\b)|class Test\w*:)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Forced:
    """Why a function stays sync: the declared ``reason`` and what the function is (``celery task send_digest``)."""

    reason: str
    label: str


def forced(knowledge: Knowledge, function: FunctionFacts) -> Forced | None:
    """Why *function* has to stay sync by what it is itself; None if nothing is known that forces it."""
    if isinstance(function.node, ast.Module):
        return Forced("import-time", f"module {function.module.path}")
    if isinstance(function.node, ast.AsyncFunctionDef):
        return None
    name = function.name
    for decorator in function.decorators:
        last = last_name(decorator) or ""
        if last in _TASKS:
            return Forced("task", f"task {name}")
        if last in _COMMANDS:
            return Forced("command", f"command {name}")
        if last in _PROPERTIES:
            return Forced("property", f"property {_qualified(function)}")
        if last in _VALIDATORS:
            return Forced("validator", f"validator {_qualified(function)}")
        if last in _HANDLERS:
            return Forced("event-handler", f"event handler {name}")
        if last in _WSGI:
            return Forced("wsgi-view", f"view {name}")
    if name == "__init__":
        return Forced("constructor", f"constructor of {function.owner.name if function.owner else name}")
    if name.startswith("__") and name.endswith("__") and name not in _AWAITABLE_DUNDERS:
        return Forced("special-method", f"special method {_qualified(function)}")
    if name in ("upgrade", "downgrade") and _REVISION in function.module.source.raw:
        return Forced("revision", f"revision {function.module.path}")
    if function.module.path.rsplit("/", 1)[-1] == "env.py" and b"run_migrations" in function.module.source.raw:
        return Forced("revision", f"migrations {function.module.path}")
    if is_test(function):
        return Forced("test", f"test {_qualified(function)}")
    return None


def is_test(function: FunctionFacts) -> bool:
    """Whether *function* is run by pytest or unittest: a test, a fixture, a helper in a folder of tests."""
    module = function.module
    in_tests = is_test_file(module.path) and (in_test_folder(module.path) or _tests_something(module))
    return in_tests or function.decorated("fixture", "yield_fixture")


def _tests_something(module: ModuleFacts) -> bool:
    """Whether *module*, which has the name of a test, holds tests: ``crud/test_result.py``, about somebody's tests, does not."""
    raw = module.source.raw
    if any(word in raw for word in (b"pytest", b"unittest", b"TestClient")):
        return True
    return b"APIRouter(" not in raw and _TESTS.search(raw) is not None


def _qualified(function: FunctionFacts) -> str:
    return f"{function.owner.name}.{function.name}" if function.owner else function.name
