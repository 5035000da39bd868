"""With `to_thread`, blocking calls in coroutines run in a thread, or are awaited.

Only on request, in `pyproject.toml`, since the code is right without it:

    [tool.alchemove.async]
    to_thread = true

    answer = requests.get(url, timeout=5)              answer = await asyncio.to_thread(requests.get, url, timeout=5)
    time.sleep(2)                                      await asyncio.sleep(2)

Arguments, result, exceptions and context variables are the same (https://docs.python.org/3/library/asyncio-task.html#asyncio.to_thread).
Calls of functions that stand in the coroutine itself are changed: HTTP by `requests`, `httpx` and `urllib`, `subprocess`, `shutil`,
`time.sleep`. Methods of clients, which may not be used by several threads, and calls in functions that stay sync are only pointed out.
"""

from __future__ import annotations

from alchemove_codemods.colours.blocking import Blocking
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File

_NAME = "to-thread"


@rule(_NAME, stage="async", reasons={})
def to_thread(file: File, found: Blocking) -> None:
    """``f(x)`` → ``await asyncio.to_thread(f, x)``."""
    node = found.node
    function = file.module.source.segment(node.func)
    if found.called == "time.sleep":
        sleep = file.imports.use("sleep", "asyncio")
        file.wrap(node, lambda text: f"await {sleep}{text[len(function) :]}", _NAME)
        return
    moved = file.imports.use("to_thread", "asyncio")
    # What follows the name of the function and its parenthesis: a comma, unless nothing does.
    separator = ", " if node.args or node.keywords else ""
    file.wrap(
        node,
        lambda text: f"await {moved}({function}{separator}{text[len(function) :].lstrip()[1:]}",
        _NAME,
    )
