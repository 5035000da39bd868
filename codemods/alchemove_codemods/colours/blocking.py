"""Calls that wait for something else than the database, in functions that run in the event loop from now on.

A sync endpoint runs in a thread of its own, a coroutine in the loop, with all others. What it calls runs there too, be it
behind ``run_sync``. What such a call waits for, all requests wait for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alchemove_codemods.colours.colour import named
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import children
from alchemove_codemods.values import Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_THREAD = "run it with `asyncio.to_thread`"
_HTTP = "use `httpx.AsyncClient`, or " + _THREAD
_PROCESS = "use `asyncio.create_subprocess_exec`, or " + _THREAD

_FUNCTIONS = {
    "time.sleep": "use `await asyncio.sleep`",
    "builtins.open": "for a large file, " + _THREAD,
    "builtins.input": "a coroutine cannot ask",
    "os.system": _PROCESS,
    "smtplib.SMTP": "use aiosmtplib, or " + _THREAD,
    "smtplib.SMTP_SSL": "use aiosmtplib, or " + _THREAD,
    "ftplib.FTP": _THREAD,
    "psycopg2.connect": "use the session: `session.execute(text(...))`",
    "urllib.request.urlopen": _HTTP,
    "socket.create_connection": "use `asyncio.open_connection`",
    **dict.fromkeys(
        (f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "getoutput")), _PROCESS
    ),
    **dict.fromkeys(
        (
            f"{package}.{name}"
            for package in ("requests", "httpx")
            for name in ("get", "post", "put", "patch", "delete", "head", "options", "request")
        ),
        _HTTP,
    ),
    **dict.fromkeys(
        (f"shutil.{name}" for name in ("copy", "copy2", "copyfile", "copytree", "move", "rmtree")), _THREAD
    ),
}
_CLIENTS = {
    "requests.": _HTTP,
    "httpx.Client": _HTTP,
    "redis.": "use `redis.asyncio`",
    "boto3.": "use aioboto3, or " + _THREAD,
    "paramiko.": _THREAD,
    "pymongo.": "use `pymongo.AsyncMongoClient`",
    "elasticsearch.Elasticsearch": "use `AsyncElasticsearch`",
    "pika.": "use aio-pika, or " + _THREAD,
}
_MOVABLE = frozenset({"time", "requests", "httpx", "urllib", "subprocess", "shutil", "os", "socket"})
_ASYNCHRONOUS = "redis.asyncio"
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True, slots=True, eq=False)
class Blocking:
    """A call that blocks the loop: what is called, what to do, and the way from the coroutine to it.

    ``movable`` says that it can run in a thread instead: a function is called, and the coroutine calls it itself.
    """

    function: FunctionFacts
    node: ast.Call
    called: str
    advice: str
    chain: str
    movable: bool


def blocking(colours: Colours) -> Iterator[Blocking]:
    """The blocking calls in what becomes a coroutine, or gets a counterpart that is one, and in the sync functions that it calls."""
    running = dict.fromkeys((*colours.plans, *colours.enclosures, *_watching(colours)))
    pending = [(f, named(f)) for f in running if isinstance(f.node, ast.FunctionDef)]
    seen = {f for f, _ in pending}
    threads = {call for plan in colours.plans.values() for call in plan.threads}
    while pending:
        function, chain = pending.pop()
        for node in _calls(function):
            if node in threads:
                continue
            found = _blocks(colours, function, node)
            if found is not None:
                yield Blocking(function, node, *found, chain, _is_movable(colours, function, node, found[0]))
            target = colours.knowledge.calls.get(node.func)
            if target is not None and target not in seen and isinstance(target.node, ast.FunctionDef):
                seen.add(target)
                pending.append((target, f"{chain} → {named(target)}"))


def _watching(colours: Colours) -> Iterator[FunctionFacts]:
    """The dependencies that get a counterpart which is a coroutine: what they do around their session, it does too."""
    for made in colours.injections.values():
        for injection in made:
            if injection.provider is not None and colours.watched(injection.provider) is not None:
                yield injection.provider


def _is_movable(colours: Colours, function: FunctionFacts, node: ast.Call, called: str) -> bool:
    if called not in _FUNCTIONS or called.partition(".")[0] not in _MOVABLE or function not in colours.coroutines:
        return False
    plan = colours.plans[function]
    within = {c.node for c in plan.crossings} | {v.node for v in plan.validations}
    at: ast.AST | None = node
    while at is not None and at is not function.node:
        if at in within or isinstance(at, ast.GeneratorExp):
            return False
        at = function.module.source.parents.get(at)
    return True


def _calls(function: FunctionFacts) -> Iterator[ast.Call]:
    stack: list[ast.AST] = list(getattr(function.node, "body", []))
    while stack:
        node = stack.pop()
        if isinstance(node, _NESTED):
            continue
        if isinstance(node, ast.Call):
            yield node
        stack += children(node)


def _blocks(colours: Colours, function: FunctionFacts, node: ast.Call) -> tuple[str, str] | None:
    """What *node* calls and what to do instead, if it blocks."""
    name = colours.graph.external(function, node.func)
    if name in _FUNCTIONS:
        return name, _FUNCTIONS[name]
    if not isinstance(node.func, ast.Attribute) or node.func.attr == "close":
        return None
    for client in _clients(colours, function, node.func.value):
        for prefix, advice in _CLIENTS.items():
            if client.startswith(prefix) and not client.startswith(_ASYNCHRONOUS):
                return f"{client}.{node.func.attr}", advice
    return None


def _clients(colours: Colours, function: FunctionFacts, node: ast.expr) -> Iterator[str]:
    """The classes of other libraries that *node* may be an object of, or the calls that made it."""
    for value in parts(colours.graph.value(function, node)):
        if isinstance(value, Instance) and isinstance(value.cls, str):
            yield value.cls
    made: ast.AST | None = node
    where = function
    if isinstance(node, ast.Name):
        origin = colours.knowledge.program.origin_of(function.module, node)
        module = colours.knowledge.program.module(origin[0]) if origin and origin[0].endswith(".py") else None
        bindings = module.bindings.get(origin[1], ()) if module is not None and origin is not None else ()
        made = bindings[0].node if len(bindings) == 1 else None
        where = module.body if module is not None else function
    if isinstance(made, ast.Call):
        yield colours.graph.external(where, made.func)
