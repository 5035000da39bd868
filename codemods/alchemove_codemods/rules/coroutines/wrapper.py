"""Wrappers that decorators of the program make become coroutines with the functions that they are around.

    def handled(f):                                    def handled(f):
        @wraps(f)                                          @wraps(f)
        def wrapper(*args, **kwargs):                      async def wrapper(*args, **kwargs):
            try:                                               try:
                return f(*args, **kwargs)                          return await f(*args, **kwargs)
            except IntegrityError:                             except IntegrityError:
                raise HTTPException(409)                           raise HTTPException(409)
        return wrapper                                     return wrapper

So it is where the wrapper has `functools.wraps`, passes on what it gets and does nothing else with it, and all functions that
the decorator is around become coroutines. A decorator that looks for itself whether it is around a coroutine
(`inspect.iscoroutinefunction`, with a wrapper for each case) stays as it is. `Callable[P, R]` in its annotations becomes
`Callable[P, Awaitable[R]]`.
"""

from __future__ import annotations

import ast

from alchemove_codemods.facts import last_name
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File

_NAME = "wrapper"


@rule(
    _NAME,
    stage="async",
    reasons={
        "mixed-decorator": "a decorator of the program is around this and around functions that stay sync, so its wrapper can "
        "neither await nor not. Write a second decorator for coroutines",
        "unknown-wrapper": "the wrapper that a decorator of the program puts around this cannot become a coroutine as it stands: "
        "make it a `def wrapper(*args, **kwargs)` with functools.wraps that only calls the function, or have the decorator "
        "ask inspect.iscoroutinefunction and make an async wrapper then",
    },
)
def wrapper(file: File) -> None:
    """``Callable[P, R]`` → ``Callable[P, Awaitable[R]]`` around wrappers that become coroutines."""
    colours = file.colours
    for found in colours.uses.wrapping.wrappers.values():
        if found.decorator.module is file.module and found.function in colours.coroutines:
            inside = found.function.outer
            for function in {found.decorator: None, **({inside: None} if inside is not None else {})}:
                for annotation in [p.annotation for p in function.parameters] + [
                    getattr(function.node, "returns", None)
                ]:
                    _awaitable(file, annotation)


def _awaitable(file: File, annotation: ast.expr | None) -> None:
    for node in ast.walk(annotation) if annotation is not None else ():
        match node:
            case ast.Subscript(value=called, slice=ast.Tuple(elts=[_, result])) if last_name(
                called
            ) == "Callable" and not any(last_name(n) == "Callable" for n in ast.walk(result)):
                awaitable = file.imports.use("Awaitable", "collections.abc")
                file.wrap_between(result, f"{awaitable}[", "]", _NAME)
