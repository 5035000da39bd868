"""Import statements as values: which names of them are needed, how they are written, and where a new one goes."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

WIDTH = 88


@dataclass(frozen=True, slots=True, order=True)
class Imported:
    """One name that an import statement brings: ``from module import name as known`` or, without name, ``import module``."""

    module: str
    name: str | None = None
    known: str | None = None
    level: int = 0

    @property
    def source(self) -> str:
        """What stands after ``from``."""
        return "." * self.level + self.module


def imported_by(node: ast.Import | ast.ImportFrom) -> list[tuple[str, Imported]]:
    """The names that *node* binds, each with what it stands for."""
    match node:
        case ast.Import(names=aliases):
            return [
                (alias.asname or alias.name.split(".")[0], Imported(alias.name, None, alias.asname))
                for alias in aliases
            ]
        case ast.ImportFrom(module=module, names=aliases, level=level):
            return [
                (alias.asname or alias.name, Imported(module or "", alias.name, alias.asname, level))
                for alias in aliases
            ]


def section_of(module: str, level: int, own: Callable[[str], bool]) -> int:
    """0 for the future, 1 for the standard library, 2 for packages, 3 for modules of the program (*own* tells)."""
    top = module.split(".", 1)[0]
    if level or own(module):
        return 3
    if top == "__future__":
        return 0
    return 1 if top in sys.stdlib_module_names else 2


def written(imports: Iterable[Imported], own: Callable[[str], bool]) -> str:
    """*imports* as statements in the usual order: by section, ``import`` before ``from``, by name."""
    plain = sorted({each for each in imports if each.name is None})
    froms: dict[tuple[str, int], set[Imported]] = {}
    for each in imports:
        if each.name is not None:
            froms.setdefault((each.module, each.level), set()).add(each)
    sections: dict[int, list[str]] = {}
    for each in plain:
        sections.setdefault(section_of(each.module, 0, own), []).append(statement([each]))
    for (module, level), members in sorted(froms.items(), key=lambda item: (-item[0][1], item[0][0])):
        sections.setdefault(section_of(module, level, own), []).append(statement(sorted(members, key=_by_name)))
    return "\n\n".join("\n".join(sections[number]) for number in sorted(sections))


def _by_name(each: Imported) -> tuple[bool, bool, str]:
    # Constants, classes, the rest: as isort and ruff order them.
    name = each.name or ""
    return (not (name.isupper() and len(name) > 1), not name[:1].isupper(), name)


def statement(members: Sequence[Imported]) -> str:
    """*members*, all of one module, as one statement."""
    first = members[0]
    if first.name is None:
        return f"import {first.module}" + (f" as {first.known}" if first.known else "")
    names = [f"{each.name} as {each.known}" if each.known else f"{each.name}" for each in members]
    line = f"from {first.source} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return f"from {first.source} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


@dataclass(frozen=True, slots=True)
class Standing:
    """An import statement that stands at the top of a file: which section, its key in it, and where its text lies."""

    section: int
    key: tuple[bool, str]
    begin: int
    end: int


def standing(node: ast.Import | ast.ImportFrom, begin: int, end: int, own: Callable[[str], bool]) -> Standing:
    """The statement *node* between the offsets *begin* and *end*."""
    match node:
        case ast.Import(names=[alias, *_]):
            return Standing(section_of(alias.name, 0, own), (False, alias.name), begin, end)
        case ast.ImportFrom(module=module, level=level):
            return Standing(section_of(module or "", level, own), (True, module or ""), begin, end)
    return Standing(2, (False, ""), begin, end)


def placed(new: Sequence[Imported], there: Sequence[Standing], own: Callable[[str], bool]) -> list[tuple[int, str]]:
    """Where the statements for *new* go among those that are *there*: offsets and texts to insert, in order."""
    texts: dict[int, list[tuple[int, str]]] = {}
    groups: dict[tuple[str, int], list[Imported]] = {}
    for each in new:
        groups.setdefault((each.module, each.level), []).append(each)
    fresh: dict[int, list[tuple[tuple[bool, str], str]]] = {}
    for (module, level), members in groups.items():
        key = (members[0].name is not None, module)
        line = statement(sorted(members, key=_by_name))
        fresh.setdefault(section_of(module, level, own), []).append((key, line))
    for section, lines in sorted(fresh.items()):
        beside = [each for each in there if each.section == section]
        lines.sort()
        if beside:
            for key, line in lines:
                before = [each for each in beside if each.key < key]
                if before:
                    texts.setdefault(before[-1].end, []).append((section, f"{line}\n"))
                else:
                    texts.setdefault(beside[0].begin, []).append((section, f"{line}\n"))
            continue
        block = "".join(f"{line}\n" for _, line in lines)
        earlier = [each for each in there if each.section < section]
        later = [each for each in there if each.section > section]
        if earlier:
            texts.setdefault(earlier[-1].end, []).append((section, f"\n{block}"))
        elif later:
            texts.setdefault(later[0].begin, []).append((section, f"{block}\n"))
    return [(offset, text) for offset in sorted(texts) for _, text in texts[offset]]
