"""Who needs which names of a module, by which name the module is imported, and what is replaced in it from outside."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from alchemove_codemods.facts import Binding, ModuleFacts
from alchemove_codemods.program import Program


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    path: str
    line: int


@dataclass(slots=True)
class Uses:
    """What a program does with the names of one module.

    ``names`` says where each is imported or read, ``replaced`` where each is replaced from outside (``module.name = x``,
    ``monkeypatch.setattr``, ``mock.patch``), ``stars`` where all are imported, ``dotted`` how often the module is imported
    under which name, ``files`` who imports it. ``from_the_top`` says that a relative import of it begins at the folder of the project.
    """

    names: dict[str, list[Place]] = field(default_factory=dict[str, list[Place]])
    replaced: dict[str, list[Place]] = field(default_factory=dict[str, list[Place]])
    stars: list[Place] = field(default_factory=list[Place])
    dotted: Counter[str] = field(default_factory=Counter[str])
    from_the_top: bool = False
    files: set[str] = field(default_factory=set[str])


def of(program: Program, module: ModuleFacts) -> Uses:
    """The uses of *module* in all other files of *program*."""
    uses = Uses()
    stem = module.path.removesuffix("/__init__.py") if module.package else module.path.removesuffix(".py")
    tail = stem.rsplit("/", 1)[-1]
    for path in program.mentioning(tail.encode()):
        importer = program.module(path) if path != module.path else None
        if importer is not None:
            _of_file(program, module, importer, uses)
    known = set(uses.dotted) or {".".join(stem.split("/"))}
    for path in program.mentioning(*(f"{name}.".encode() for name in known)):
        importer = program.module(path) if path != module.path else None
        if importer is not None:
            _texts(importer, module, known, uses)
    return uses


def _of_file(program: Program, module: ModuleFacts, importer: ModuleFacts, uses: Uses) -> None:
    aliases: set[str] = set()
    for node in ast.walk(importer.source.tree):
        match node:
            case ast.ImportFrom(names=names, module=name, level=level):
                for alias in names:
                    place = Place(importer.path, node.lineno)
                    if program.locate(_absolute(program, importer, node, name, level), importer.path) == module.path:
                        uses.files.add(importer.path)
                        uses.from_the_top |= level > importer.path.count("/")
                        if not level and name:
                            uses.dotted[name] += 1
                        if alias.name == "*":
                            uses.stars.append(place)
                        else:
                            uses.names.setdefault(alias.name, []).append(place)
                        continue
                    below = f"{name}.{alias.name}" if name else alias.name
                    if program.locate(_absolute(program, importer, node, below, level), importer.path) == module.path:
                        uses.files.add(importer.path)
                        aliases.add(alias.asname or alias.name)
                        uses.from_the_top |= level > importer.path.count("/")
                        if not level:
                            uses.dotted[below] += 1
            case ast.Import(names=names):
                for alias in names:
                    if program.find_module(alias.name, importer.path) == module.path:
                        uses.files.add(importer.path)
                        uses.dotted[alias.name] += 1
                        aliases.add(alias.asname or alias.name)
    if aliases:
        for name, place, stored in _attributes(importer, aliases):
            uses.names.setdefault(name, []).append(place)
            if stored:
                uses.replaced.setdefault(name, []).append(place)


def _absolute(program: Program, importer: ModuleFacts, node: ast.ImportFrom, name: str | None, level: int) -> str:
    return program.absolute(Binding("import", node, name or "", None, level), importer)


def _attributes(importer: ModuleFacts, aliases: set[str]) -> Iterator[tuple[str, Place, bool]]:
    for node in ast.walk(importer.source.tree):
        match node:
            case ast.Attribute(value=value, attr=name, ctx=context) if _dotted(value) in aliases:
                yield name, Place(importer.path, node.lineno), not isinstance(context, ast.Load)
            case ast.Call(args=[first, ast.Constant(value=str(name)), *rest], func=func) if _dotted(first) in aliases:
                # What setattr, monkeypatch.setattr and mock.patch.object are given.
                reading = _dotted(func).rsplit(".", 1)[-1] in ("getattr", "hasattr") and len(rest) <= 1
                yield name, Place(importer.path, node.lineno), not reading


def _texts(importer: ModuleFacts, module: ModuleFacts, known: set[str], uses: Uses) -> None:
    for node in ast.walk(importer.source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            head, _, name = node.value.rpartition(".")
            if head in known and name in module.bindings:
                place = Place(importer.path, node.lineno)
                uses.names.setdefault(name, []).append(place)
                uses.replaced.setdefault(name, []).append(place)


def _dotted(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_dotted(value)}.{name}"
    return ""
