"""A sync function with a session of its own is called in a thread, as FastAPI did.

FastAPI ran the sync endpoint in a thread. A function that it calls and that opens its own sync session goes on running
in one: `run_in_threadpool` of FastAPI.

    return recent_entries(tenant.id)                   return await run_in_threadpool(recent_entries, tenant.id)
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.plans import Plan
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File


@rule("thread-call", stage="async")
def thread_call(file: File, plan: Plan) -> None:
    """``f(x)`` → ``await run_in_threadpool(f, x)``."""
    for node in plan.threads:
        _thread(file, node, file.imports.use("run_in_threadpool", "fastapi.concurrency"))


def _thread(file: File, node: ast.Call, runner: str) -> None:
    source = file.module.source
    start, end = source.start(node), source.end(node)
    opening = source.text.index("(", source.end(node.func)) + 1
    separator = ", " if node.args or node.keywords else ""

    def text() -> str:
        name, rest = file.edits.segment(start, opening - 1), file.edits.segment(opening, end)
        return f"await {runner}({name}{separator}{rest}"

    file.wrap_as(node, text, "thread-call")
