"""The text of the shim: the legacy module with its session code gone, and the legacy names exported."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init.importing import WIDTH, Imported, imported_by, placed, standing, statement, written
from alchemove_codemods.init.parts import Formatted, Part
from alchemove_codemods.init.place import Place
from alchemove_codemods.init.session_module import Style, interface, interface_imports, made_from
from alchemove_codemods.init.split import Inseparable, Split
from alchemove_codemods.init.types import Export, block
from alchemove_codemods.init.uses import Uses

_Edit = tuple[int, int, str]
_COMMENT = (
    "# The names that old code uses: each use warns at its own line and is counted.\n"
    "# When `alchemove usage` shows none, nobody needs them any more.\n"
)


def exports(split: Split, place: Place, uses: Uses, *, fastapi: bool) -> list[Export]:
    """The legacy names of the module in their order, each with what takes its place."""
    sync, dependency = f"{place.dotted}.get_sync_session", f"{place.dotted}.get_session"
    if not fastapi:
        dependency = sync
    found = []
    for part in split.parts:
        if (own := split.own.get(part)) is not None:
            (name,) = part.defines
            replacement = {
                "get_db": dependency,
                "get_session": dependency,
                "get_db_connection": "session.execute(text(...))",
            }.get(own, sync)
            found.append(Export(name, own, moved=False, target=own, replacement=replacement))
        elif (private := split.private.get(part)) is not None:
            (name,) = part.defines
            depends = isinstance(part.node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not part.node.decorator_list
            replacement = dependency if depends and _yields(part.node) else sync
            found.append(Export(name, None, moved=False, target=private, replacement=replacement))
        elif part in split.moved:
            for name in sorted(part.defines):
                if name.startswith("_") and name not in uses.names:
                    continue
                if any(name == each.name for each in found):
                    continue
                is_engine = name == split.engine.name
                found.append(
                    Export(
                        name,
                        "engine" if is_engine else None,
                        moved=not is_engine,
                        target="engine" if is_engine else f"{place.dotted}:{name}",
                        replacement=f"{place.dotted}.{name}",
                    )
                )
    return found


def _yields(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Yield) for each in ast.walk(node))


def text(
    split: Split, place: Place, style: Style, uses: Uses, names: Sequence[Export], own: Callable[[str], bool]
) -> str:
    """The whole file.

    Raises:
        Inseparable: code that stays refers to what goes in a place where that cannot be written.
    """
    source = split.module.source
    renamed = _renamed(split)
    aliases: set[str] = set()
    gone = [part for part in split.parts if part in split.own or part in split.moved]
    edits: list[_Edit] = [(_begin(split.parts, part, gone), part.end, "") for part in gone]
    for part in split.kept:
        edits += _references(split, part, renamed, aliases, uses)
    imports = [*_own_imports(split, place, style, aliases, bool(names)), *_of_options(split, style)]
    insertions = _inserted_block(split, place, style, names, gone)
    edits += _imports(split, style, uses, imports, own)
    edits.append(insertions)
    result = _spliced(source.text, edits)
    if names:
        session = style.class_ or "sqlalchemy.orm.Session"
        result = f"{result.rstrip()}\n\n\n{block(names, place.dotted, session)}"
    return result.lstrip("\n")


def _begin(parts: Sequence[Part], part: Part, gone: Sequence[Part]) -> int:
    """Where the text of *part* begins that goes: its blank lines stay for a statement right below that has none."""
    following = next((each for each in parts[list(parts).index(part) + 1 :] if each not in gone), None)
    close = following is not None and following.gap == following.head and following.node.lineno - _last(part) <= 1
    return part.head if close else part.gap


def _last(part: Part) -> int:
    return part.node.end_lineno or part.node.lineno


def _renamed(split: Split) -> dict[str, str]:
    names = {name: name if name.startswith("_") else f"_{name}" for name in split.moved_names}
    if split.moved:
        names[split.engine.name] = "legacy.engine"
    for part, own in split.own.items():
        (name,) = part.defines
        names[name] = f"legacy.{own}"
    for part, private in split.private.items():
        (name,) = part.defines
        names[name] = private
    return names


def _references(split: Split, part: Part, renamed: Mapping[str, str], aliases: set[str], uses: Uses) -> list[_Edit]:
    source = split.module.source
    edits: list[_Edit] = []
    private = split.private.get(part)
    if private is not None and isinstance(part.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        match = re.compile(rf"\bdef\s+{re.escape(part.node.name)}\b").search(source.text, source.start(part.node))
        assert match is not None
        edits.append((match.end() - len(part.node.name), match.end(), private))
    for each in part.references:
        new = renamed.get(each.name)
        if new is None:
            continue
        if each.name in split.moved_names and new != "legacy.engine":
            aliases.add(each.name)
            if each.name in uses.replaced:
                place = uses.replaced[each.name][0]
                raise Inseparable(
                    "replaced-from-outside", each.node.lineno, f"{place.path}:{place.line} replaces {each.name}"
                )
        if new == each.name:
            continue
        match each:
            case Formatted():
                raise Inseparable(
                    "used-in-place", each.node.lineno, f"{each.name} is used inside an f-string of code that stays"
                )
            case _ if isinstance(each.node, ast.Global):
                if each.stored:
                    raise Inseparable("used-in-place", each.node.lineno, f"{each.name} is bound inside a function")
                edits += _without_global(split, each.node, each.name)
            case _ if each.stored and part not in split.private:
                raise Inseparable("used-in-place", each.node.lineno, f"{each.name} is bound anew by code that stays")
            case _:
                edits.append((source.start(each.node), source.end(each.node), new))
    return edits


def _without_global(split: Split, node: ast.Global, name: str) -> list[_Edit]:
    """The statement without *name*, which the function only reads."""
    source = split.module.source
    left = [each for each in node.names if each != name]
    if left:
        return [(source.start(node), source.end(node), f"global {', '.join(left)}")]
    begin = source.starts[node.lineno - 1]
    end = source.starts[node.end_lineno or node.lineno]
    return [(begin, end, "")]


def _own_imports(split: Split, place: Place, style: Style, aliases: set[str], legacy: bool) -> list[Imported]:
    if place.in_place:
        found = interface_imports(style)
        return [*found, Imported("alchemove", "LegacyDatabase")] if legacy else found
    home, level = _relative(split.module, place)
    found = [Imported("alchemove", "LegacyDatabase"), Imported(home, "database", None, level)]
    for name in sorted(aliases):
        known = None if name.startswith("_") else f"_{name}"
        found.append(Imported(home, name, known, level))
    return found


def _of_options(split: Split, style: Style) -> list[Imported]:
    """What the options of sessions need and no import statement of the module brings."""
    brought = {
        name
        for part in split.parts
        if isinstance(part.node, (ast.Import, ast.ImportFrom))
        for name, _ in imported_by(part.node)
    }
    return [each for each in style.imports if (each.known or each.name) not in brought and each.module != "__future__"]


def _relative(module: ModuleFacts, place: Place) -> tuple[str, int]:
    """How the shim names the session module: as the module names its neighbours."""
    relative = any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(module.source.tree))
    folder = module.path.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    if relative and place.path.startswith(prefix):
        return place.path.removeprefix(prefix).removesuffix(".py").replace("/", "."), 1
    return place.dotted, 0


def _inserted_block(split: Split, place: Place, style: Style, names: Sequence[Export], gone: Sequence[Part]) -> _Edit:
    legacy = _legacy(split, place, style, names) if names else ""
    if place.in_place:
        made = [part for part in split.parts if split.engine.name in part.defines]
        anchor = made[-1]
        content = interface(made_from(split.engine.name, style), style) + (f"\n{legacy}" if legacy else "")
        return (anchor.end, anchor.end, f"\n{content}")
    anchor = gone[0]
    imports = [part for part in split.parts if part.is_import and part.end <= anchor.gap]
    at = max([anchor.gap, *(part.end for part in imports)])
    return (at, at, f"\n{legacy}")


def _legacy(split: Split, place: Place, style: Style, names: Sequence[Export]) -> str:
    options = "".join(f", {name}={value}" for name, value in style.options)
    lines = [f"legacy = LegacyDatabase(database{options})", "legacy.export(", "    __name__,"]
    for export in names:
        if export.own is not None and export.own == export.name:
            lines.append(f'    {export.name}="{export.replacement}",')
            continue
        target = export.target
        if export.own is None and not export.moved:
            target = f"{place.legacy}:{export.target}"
        line = f'    {export.name}=("{target}", "{export.replacement}"),'
        if len(line) > WIDTH:
            line = f'    {export.name}=(\n        "{target}",\n        "{export.replacement}",\n    ),'
        lines.append(line)
    return _COMMENT + _comments(split) + "\n".join([*lines, ")"]) + "\n"


def _comments(split: Split) -> str:
    """What stood above the session factory: it is about the options."""
    source = split.module.source
    return "".join(
        source.text[part.head : source.starts[part.node.lineno - 1]]
        for part, own in split.own.items()
        if own == "SessionLocal"
    ).replace("\r\n", "\n")


def _imports(
    split: Split, style: Style, uses: Uses, new: Sequence[Imported], own: Callable[[str], bool]
) -> list[_Edit]:
    """Imports that only what is gone needed go, unless somebody takes them from here; *new* ones come."""
    source = split.module.source
    gone = {name for part in split.parts if part in split.own or part in split.moved for name in part.uses}
    left = {name for part in split.parts if part in split.kept for name in part.uses}
    left |= {each.id for _, value in style.options for each in ast.walk(ast.parse(value)) if isinstance(each, ast.Name)}
    edits: list[_Edit] = []
    there = []
    top = True
    kept_of: dict[Part, list[Imported]] = {}
    for part in split.parts:
        if not isinstance(part.node, (ast.Import, ast.ImportFrom)):
            top = top and part.node is split.module.source.tree.body[0] and isinstance(part.node, ast.Expr)
            continue
        marked = "noqa" in source.text[part.head : part.end]
        kept_of[part] = [
            each
            for name, each in imported_by(part.node)
            if name in left
            or name in uses.names
            or uses.stars
            or name not in gone
            or marked
            or each.known == each.name is not None
            or each.module == "__future__"
        ]
        if top and kept_of[part]:
            there.append(standing(part.node, part.head, part.end, own))
    for part, kept in kept_of.items():
        assert isinstance(part.node, (ast.Import, ast.ImportFrom))
        if not kept:
            edits.append((part.gap if _group_goes(split.parts, part, kept_of) else part.head, part.end, ""))
        elif len(kept) < len(part.node.names):
            edits.append((source.start(part.node), source.end(part.node), statement(kept)))
    if there:
        edits += [(offset, offset, content) for offset, content in placed(new, there, own)]
    else:
        body = split.parts
        first = body[0]
        is_docstring = isinstance(first.node, ast.Expr) and isinstance(first.node.value, ast.Constant)
        at = first.end if is_docstring else first.head
        edits.append((at, at, f"\n{written(new, own)}\n" if is_docstring else f"{written(new, own)}\n"))
    return edits


def _group_goes(parts: Sequence[Part], part: Part, kept_of: Mapping[Part, Sequence[Imported]]) -> bool:
    """Whether *part* and the imports right below it all go, so that the blank lines before them go, too."""
    for following in parts[list(parts).index(part) + 1 :]:
        if following.gap < following.head:
            return True
        if kept_of.get(following, True):
            return False
    return True


def _spliced(text: str, edits: Sequence[_Edit]) -> str:
    """*text* with *edits*; what is inserted at a place that goes stays."""
    deletions = sorted((each for each in edits if each[0] < each[1]), key=lambda each: each[0])
    insertions = sorted((each for each in edits if each[0] == each[1]), key=lambda each: each[0])
    result: list[str] = []
    position = 0
    events: list[_Edit] = sorted([*deletions, *insertions], key=lambda each: (each[0], each[0] != each[1]))
    for begin, end, new in events:
        result.append(text[position:begin])
        result.append(new)
        position = max(position, begin, end)
    result.append(text[position:])
    return "".join(result)
