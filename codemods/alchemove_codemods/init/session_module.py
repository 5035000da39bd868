"""The text of the session module: what moves there, the database around the engine, and the ways to a session."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from alchemove_codemods.init.importing import WIDTH, Imported, imported_by, written
from alchemove_codemods.init.parts import Part, text_of
from alchemove_codemods.init.place import Place
from alchemove_codemods.init.split import Split
from alchemove_codemods.source import Source


@dataclass(frozen=True, slots=True)
class Style:
    """What the sessions of a program are like.

    ``fastapi`` says that it has endpoints; ``options`` are what ``sessionmaker`` was given, by name, as source text;
    ``imports`` what these need; ``class_`` is the dotted name of the sessions' class where it is not SQLAlchemy's own.
    """

    fastapi: bool
    options: tuple[tuple[str, str], ...] = ()
    imports: tuple[Imported, ...] = ()
    class_: str | None = None


def text(split: Split, place: Place, style: Style, own: Callable[[str], bool]) -> str:
    """The whole file."""
    source = split.module.source
    imports = [*needed(split.parts, {name for part in split.moved for name in part.uses}), *style.imports]
    imports = [lifted(each, place) for each in imports]
    body = joined(source, split.moved)
    return assembled(imports, body, made_from(split.engine.name, style), style, own)


def assembled(imports: Iterable[Imported], body: str, adopted: str, style: Style, own: Callable[[str], bool]) -> str:
    """The file with *imports*, the moved *body* and the database, as :func:`made_from` makes it."""
    every = {*imports, *interface_imports(style)}
    head = f'"""The database and its sessions."""\n\n{written(every, own)}\n\n'
    gap = "\n\n" if body.rstrip("\n").rsplit("\n", 1)[-1][:1] in (" ", "\t", ")") else "\n"
    spaced = f"{chr(10) if _opens_wide(body) else ''}{body}{gap}" if body else ""
    return f"{head}{spaced}{interface(adopted, style)}"


def _opens_wide(body: str) -> bool:
    return body.lstrip("#").startswith(("def ", "class ", "async def ", "@"))


def interface_imports(style: Style) -> list[Imported]:
    """What :func:`interface` needs."""
    found = [Imported("alchemove", "Database")]
    if style.fastapi:
        found += [
            Imported("typing", "Annotated"),
            Imported("alchemove", "session_depends"),
            Imported("sqlalchemy.ext.asyncio", "AsyncSession"),
        ]
    return found


def interface(adopted: str, style: Style) -> str:
    """The database, and the names by which new code gets a session."""
    lines = [
        adopted,
        "",
        "# with get_sync_session() as session: commits at the end, rolls back when the block",
        "# raises, and closes.",
        "get_sync_session = database.sync_session",
        "# async with get_async_session() as session: the same for coroutines.",
        "get_async_session = database.session",
    ]
    if style.fastapi:
        lines += [
            "# async def endpoint(session: SessionDep): the same for endpoints.",
            "get_session = database.get_session",
            "SessionDep = Annotated[AsyncSession, session_depends(get_session)]",
        ]
    return "\n".join(lines) + "\n"


def made_from(engine: str, style: Style) -> str:
    """The statement that makes the database from the expression *engine*."""
    if not style.options:
        return f"database = Database.from_engine({engine})"
    listed = ", ".join(f'"{name}": {value}' for name, value in style.options)
    line = f"database = Database.from_engine({engine}, session_options={{{listed}}})"
    if len(line) <= WIDTH:
        return line
    return f"database = Database.from_engine(\n    {engine},\n    session_options={{{listed}}},\n)"


def needed(parts: Iterable[Part], names: set[str]) -> list[Imported]:
    """What brings *names* into a module whose statements are *parts*, by import statements of its own."""
    return [
        each
        for part in parts
        if isinstance(part.node, (ast.Import, ast.ImportFrom))
        for name, each in imported_by(part.node)
        if name in names or each.module == "__future__"
    ]


def lifted(each: Imported, place: Place) -> Imported:
    """*each* as the session module has to write it, which may lie in a folder below."""
    if not each.level:
        return each
    if place.deeper >= 0:
        return Imported(each.module, each.name, each.known, each.level + place.deeper)
    package = place.legacy.split(".")[: -each.level]
    return Imported(".".join([*package, *filter(None, [each.module])]), each.name, each.known)


def joined(source: Source, parts: Iterable[Part]) -> str:
    """The texts of *parts* one after the other, as far apart as they were, with line feeds."""
    texts: list[str] = []
    last: Part | None = None
    for part in parts:
        blank = source.text[part.gap : part.head].count("\n")
        body = text_of(source, part)
        wide = part.is_definition or (texts and last is not None and last.is_definition)
        texts.append("\n" * max(2 if wide else 0, min(blank, 2)) if texts else "")
        last = part
        texts.append(body if body.endswith("\n") else f"{body}\n")
    return "".join(texts).replace("\r\n", "\n")
