"""What type checkers see of a module that exports legacy names, written into the module itself.

A type checker does not run ``__getattr__``: without this it knows none of the names. The block is read by type
checkers only, so nothing of it can change what the application does; ``@deprecated`` lets them strike the names
through. They do so for functions and classes; of a variable (``engine``, ``SessionLocal``) they mark its calls.

``python -m alchemove.shim_types app.database`` writes the block, or renews it.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from alchemove.deprecated import Legacy, legacy_names

BEGIN = "# What type checkers see; written by: python -m alchemove.shim_types"
END = "# End of what type checkers see."
_BLOCK = re.compile(rf"\n*^{re.escape(BEGIN)}.*?^{re.escape(END)}\n", re.MULTILINE | re.DOTALL)

_ENGINE_METHODS = {
    "connect(self)": "sqlalchemy.Connection",
    "begin(self)": "contextlib._GeneratorContextManager[sqlalchemy.Connection, None, None]",
    "raw_connection(self)": "sqlalchemy.PoolProxiedConnection",
    "dispose(self, close: bool = True)": "None",
}
# Of LegacyDatabase: what old code had, not how the shim does it.
_KNOWN = {
    "alchemove.shim.LegacyDatabase.get_db": "() -> collections.abc.Iterator[sqlalchemy.orm.Session]",
    "alchemove.shim.LegacyDatabase.get_session": "() -> collections.abc.Iterator[sqlalchemy.orm.Session]",
    "alchemove.shim.LegacyDatabase.get_db_session": "() -> contextlib.AbstractContextManager[sqlalchemy.orm.Session]",
    "alchemove.shim.LegacyDatabase.get_db_connection": (
        "(session: sqlalchemy.orm.Session | None = None) -> psycopg2.extensions.connection"
    ),
}
_MODULE = re.compile(r"\b((?:[^\W\d]\w*\.)+)[^\W\d]\w*")


def block(names: Mapping[str, Legacy]) -> str:
    """The ``TYPE_CHECKING`` block for *names*, with the lines that mark its begin and its end."""
    declared = [line for name, legacy in names.items() for line in _declare(name, legacy)]
    typed = [line for line in declared if "@_deprecated" not in line and not line.startswith("from ")]
    modules = sorted({found[:-1] for line in typed for found in _MODULE.findall(line)} - {"typing"})
    imports = [f"import {module}" for module in modules if module not in names]
    lines = ["import typing", *imports, "", "from typing_extensions import deprecated as _deprecated", "", *declared]
    body = "\n".join(f"    {line}" if line else "" for line in lines)
    return f"{BEGIN}\nimport typing as _typing\n\nif _typing.TYPE_CHECKING:\n{body}\n{END}\n"


def with_block(source: str, text: str) -> str:
    """*source* with the block *text* at its end, in place of an earlier one."""
    return _BLOCK.sub("\n", source).rstrip("\n") + "\n\n" + text


def _declare(name: str, legacy: Legacy) -> list[str]:
    mark = f"@_deprecated({f'use {legacy.replacement}'!r})"
    value = legacy.resolve()
    match value:
        case type() if not _is_found(value) and isinstance(legacy.target, str):
            # Such as what declarative_base() makes: its class is nowhere under the name that it says.
            home, _, attribute = legacy.target.partition(":")
            return [f"from {home} import {attribute} as {name}", ""]
        case type():
            return [mark, f"class {name}({_type(value)}): ...", ""]
        case sessionmaker():
            session = _type(value.class_)
            methods = {
                "__call__(self, **local_kw: typing.Any)": session,
                "begin(self)": f"contextlib.AbstractContextManager[{session}]",
            }
            return _variable(name, f"sqlalchemy.orm.sessionmaker[{session}]", methods, mark)
        case Engine():
            return _variable(name, "sqlalchemy.Engine", _ENGINE_METHODS, mark)
        case _ if inspect.isroutine(value):
            start = "async def" if inspect.iscoroutinefunction(value) else "def"
            return [mark, f"{start} {name}{_signature(value)}: ...", ""]
        case _:
            return [f"{name}: {_type(type(value))}", ""]


def _is_found(value: type) -> bool:
    """Whether the class is where it says that it is."""
    return getattr(sys.modules.get(value.__module__), value.__qualname__, None) is value


def _variable(name: str, base: str, methods: Mapping[str, str], mark: str) -> list[str]:
    lines = [f"class _{name}({base}):"]
    for method, result in methods.items():
        lines += [f"    {mark}", f"    def {method} -> {result}: ..."]
    return [*lines, "", f"{name}: _{name}", ""]


def _signature(function: Callable[..., Any]) -> str:
    inner = inspect.unwrap(getattr(function, "__func__", function))
    if known := _KNOWN.get(f"{inner.__module__}.{inner.__qualname__}"):
        return known
    try:
        # contextmanager() and other decorators keep the annotations of the function inside.
        hints = typing.get_type_hints(inner) if inner is getattr(function, "__func__", function) else {}
        signature = inspect.signature(function)
    except (NameError, TypeError, ValueError, AttributeError):
        return "(*args: typing.Any, **kwargs: typing.Any) -> typing.Any"
    parameters = [
        parameter.replace(
            annotation=_Text(_type(hints.get(name, Any))),
            default=parameter.default if parameter.default is parameter.empty else _Text("..."),
        )
        for name, parameter in signature.parameters.items()
    ]
    return str(
        signature.replace(parameters=parameters, return_annotation=_Text(_type(hints.get("return", Any)))),
    ).replace("=...", "= ...")


class _Text:
    """An annotation or default that prints as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _type(annotation: Any) -> str:
    """*annotation* as source text with full names; what cannot be named is ``typing.Any``."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is None or annotation is type(None):
        return "None"
    if annotation is Ellipsis:
        return "..."
    if origin in {typing.Union, types.UnionType}:
        return " | ".join(_type(each) for each in arguments)
    if origin is not None and isinstance(origin, type) and not any(isinstance(each, list) for each in arguments):
        return f"{_type(origin)}[{', '.join(_type(each) for each in arguments)}]"
    if isinstance(annotation, type) and "<locals>" not in annotation.__qualname__:
        module = annotation.__module__
        if module == "builtins":
            return annotation.__qualname__
        # The public name, where a package gives one.
        for public in ("sqlalchemy.orm", "sqlalchemy.ext.asyncio", "sqlalchemy", "sqlmodel"):
            if module.startswith(public.split(".")[0] + ".") and annotation.__name__ in getattr(
                sys.modules.get(public), "__dict__", {}
            ):
                return f"{public}.{annotation.__name__}"
        return f"{module}.{annotation.__qualname__}"
    return "typing.Any"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the block. Exit status: 0 done, 1 ``--check`` would write, 2 the module exports no legacy names."""
    parser = argparse.ArgumentParser(prog="python -m alchemove.shim_types", description=block.__doc__)
    parser.add_argument("module", help="the module's name, for example app.database")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with status 1 if it would")
    arguments = parser.parse_args(argv)
    sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(arguments.module)
    finally:
        sys.path.pop(0)
    names = legacy_names(module.__name__)
    if not names or not module.__file__:
        sys.stderr.write(f"{arguments.module} exports no legacy names: it does not call deprecated_exports().\n")
        return 2
    path = Path(module.__file__)
    before = path.read_bytes().decode("utf-8")
    after = with_block(before, block(names))
    if arguments.check:
        return int(after != before)
    path.write_bytes(after.encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
