"""What type checkers, and the later stages of alchemove, see of a shim: its names with their types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alchemove_codemods.init.forms import Own

# The lines by which ``python -m alchemove.shim_types`` finds the block that it writes anew, with names struck through.
BEGIN = "# What type checkers see; written by: python -m alchemove.shim_types"
END = "# End of what type checkers see."


@dataclass(frozen=True, slots=True)
class Export:
    """A legacy name: what it is (one of the runtime's, moved, or kept under a private name) and what takes its place."""

    name: str
    own: Own | None
    moved: bool
    target: str
    replacement: str


def block(exports: Iterable[Export], session_module: str, session: str) -> str:
    """The block for *exports*.

    Args:
        exports: the legacy names.
        session_module: the dotted name of the session module.
        session: the dotted name of the class of the sessions.
    """
    modules: set[str] = set()
    lines: list[str] = []
    moved: list[str] = []
    for export in exports:
        match export.own:
            case "engine":
                modules.add("sqlalchemy")
                lines.append(f"{export.name}: sqlalchemy.Engine")
            case "SessionLocal":
                modules |= {"sqlalchemy.orm", _module(session)}
                lines.append(f"{export.name}: sqlalchemy.orm.sessionmaker[{session}]")
            case "get_db" | "get_session":
                modules |= {"collections.abc", _module(session)}
                lines.append(f"def {export.name}() -> collections.abc.Iterator[{session}]: ...")
            case "get_db_session":
                modules |= {"contextlib", _module(session)}
                lines.append(f"def {export.name}() -> contextlib.AbstractContextManager[{session}]: ...")
            case "get_db_connection":
                modules |= {"psycopg2.extensions", "sqlalchemy.orm"}
                lines.append(
                    f"def {export.name}(session: sqlalchemy.orm.Session | None = None) -> psycopg2.extensions.connection: ..."
                )
            case None if export.moved:
                moved.append(f"from {session_module} import {export.name} as {export.name}")
            case None:
                lines.append(f"{export.name} = {export.target}")
    body = [f"import {module}" for module in sorted(modules)]
    if moved:
        body += ["", *moved] if body else moved
    if lines:
        body += ["", *lines] if body else lines
    indented = "\n".join(f"    {line}" if line else "" for line in body)
    return f"{BEGIN}\nimport typing as _typing\n\nif _typing.TYPE_CHECKING:\n{indented}\n{END}\n"


def _module(dotted: str) -> str:
    return dotted.rpartition(".")[0]
