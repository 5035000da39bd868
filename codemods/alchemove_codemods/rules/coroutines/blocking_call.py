"""Calls that block the event loop, in functions that have become coroutines, are pointed out.

A sync endpoint runs in a thread of its own; a coroutine shares the event loop with all other requests, and so does what it calls,
be it behind `run_sync`. HTTP by `requests`, `time.sleep`, `subprocess`, `open`, sync Redis, boto3, SMTP and psycopg2 are known.
They work as before, but while one of them waits, every request does.

    requests.get(url, timeout=5)                       await asyncio.to_thread(requests.get, url, timeout=5)

They are no sites: nothing has to be done for the code to be right.
"""

from __future__ import annotations

from alchemove_codemods.colours.blocking import Blocking
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import rule


@rule(
    "blocking-call",
    stage="async",
    reasons={"blocking-call": "this waits in the event loop, and all requests wait with it"},
)
def blocking_call(found: Blocking) -> Finding:
    """What is said of one such call."""
    module = found.function.module
    line, column = module.source.place(found.node)
    message = f"{found.called} waits in the event loop, and all requests wait with it: {found.advice} [{found.chain}]"
    return Finding(module.path, line, column, "blocking-call", "refused", "blocking-call", message)
