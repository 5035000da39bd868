"""What of a legacy module moves to the session module, what the shim does instead, and what stays as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init import forms
from alchemove_codemods.init.candidates import Engine
from alchemove_codemods.init.names import is_orm, outside
from alchemove_codemods.init.parts import Part, cut, docstring
from alchemove_codemods.init.uses import Uses
from alchemove_codemods.program import Program

NEW = ("database", "get_sync_session", "get_async_session", "get_session", "SessionDep")
"""The names of the session module that are its own."""

_FUNCTIONS: tuple[forms.Own, ...] = ("get_db", "get_session", "get_db_session", "get_db_connection")

# Calls that give a value and do nothing else.
_HARMLESS = frozenset(
    [
        "logging.getLogger",
        "typing.TypeVar",
        "contextvars.ContextVar",
        "threading.local",
        "threading.Lock",
        "threading.RLock",
        "os.getenv",
        "os.environ.get",
        "os.path.join",
        "os.path.dirname",
        "os.path.abspath",
        "pathlib.Path",
        "re.compile",
        "functools.partial",
        "collections.namedtuple",
        "collections.defaultdict",
        "bool",
        "dict",
        "float",
        "frozenset",
        "int",
        "list",
        "set",
        "str",
        "tuple",
    ]
)


class Inseparable(Exception):
    """The module has to stay as it is; carries the declared reason, the line and what was found."""

    def __init__(self, reason: str, line: int, found: str) -> None:
        super().__init__(found)
        self.reason = reason
        self.line = line
        self.found = found


@dataclass(slots=True)
class Split:
    """The statements of a legacy module by what becomes of them.

    ``moved`` go to the session module; ``own`` are replaced by what ``LegacyDatabase`` offers under the given name;
    ``private`` keep their code in the shim under a private name; ``stays`` stay as they are.
    """

    module: ModuleFacts
    engine: Engine
    parts: Sequence[Part]
    factory: forms.Factory | None = None
    moved: list[Part] = field(default_factory=list[Part])
    own: dict[Part, forms.Own] = field(default_factory=dict[Part, forms.Own])
    private: dict[Part, str] = field(default_factory=dict[Part, str])
    stays: list[Part] = field(default_factory=list[Part])

    @property
    def moved_names(self) -> list[str]:
        """The names that the moved statements define, in their order."""
        return [name for part in self.moved for name in sorted(part.defines)]

    @property
    def kept(self) -> list[Part]:
        """The statements that the shim still holds, but for imports."""
        return [part for part in self.parts if part in self.private or part in self.stays]


def split(program: Program, module: ModuleFacts, engine: Engine, uses: Uses, *, in_place: bool) -> Split:
    """Decide about every statement of *module*, which makes *engine* when it is imported.

    Args:
        program: the program.
        module: the legacy module.
        engine: its engine.
        uses: what others do with its names.
        in_place: the legacy module becomes the session module itself, so nothing has to move.

    Raises:
        Inseparable: the engine cannot be told from the rest.
        Entangled: the statements cannot be told apart.
    """
    parts = cut(module)
    result = Split(module, engine, parts)
    rebound = [each for part in parts for each in part.references if each.stored and each.name == engine.name]
    for each in rebound:
        if isinstance(each.node, ast.Global) and each.stored:
            raise Inseparable("engine-made-later", each.node.lineno, f"{engine.name} is bound anew inside a function")
    moved = _Closure(parts, uses)
    for part in parts:
        if engine.name in part.defines or listens(program, module, part, engine.name):
            moved.add(part)
    _add_effects(program, module, parts, moved)
    url = engine.call.args[0] if engine.call.args else None
    result.factory = _factory(program, module, parts, engine, moved)
    known = forms.Known(engine.name, url, result.factory.name if result.factory else None)
    result.own = _replaced(program, module, parts, known, moved.chosen)
    result.own |= _other_names(result, uses)
    if not in_place:
        moved.check(engine.name)
        _add_bases(program, module, parts, moved, result.own, uses, engine.name)
        result.moved = [part for part in parts if part in moved.chosen]
    result.private = _private(program, module, result, uses)
    stated = docstring(module)
    gone = {*result.moved, *result.own, *result.private}
    result.stays = [part for part in parts if part not in gone and not part.is_import and part.node is not stated]
    return result


class _Closure:
    """Statements that move together with all that they need."""

    def __init__(self, parts: Sequence[Part], uses: Uses) -> None:
        self.chosen: set[Part] = set()
        self._parts = parts
        self._uses = uses
        self._defining: dict[str, list[Part]] = {}
        for part in parts:
            for name in part.defines:
                self._defining.setdefault(name, []).append(part)

    def add(self, part: Part) -> None:
        """Choose *part* and what it needs; what changes a chosen name must be where the name is."""
        waiting = [part]
        while waiting:
            here = waiting.pop()
            if here in self.chosen or here.is_import:
                continue
            self.chosen.add(here)
            for name in here.uses | here.defines:
                waiting += self._defining.get(name, [])
            waiting += [
                other
                for other in self._parts
                for each in other.references
                if isinstance(each.node, ast.Global) and each.stored and each.name in here.defines
            ]

    def fits(self, part: Part, more: Iterable[Part] = ()) -> bool:
        """Whether all that *part* needs is chosen, among *more*, or imported."""
        there = {*self.chosen, *more}
        return all(
            other in there or other is part or other.is_import
            for name in part.uses
            for other in self._defining.get(name, [])
        )

    def check(self, engine: str) -> None:
        """Raise Inseparable if a test replaces a name that code which moves would go on to read in its new home."""
        for part in self.chosen:
            for name in part.uses if part.is_definition else ():
                homes = self._defining.get(name, [])
                if name in self._uses.replaced and any(home in self.chosen for home in homes) and name != engine:
                    place = self._uses.replaced[name][0]
                    raise Inseparable(
                        "replaced-from-outside", part.node.lineno, f"{place.path}:{place.line} replaces {name}"
                    )


def listens(program: Program, module: ModuleFacts, part: Part, engine: str) -> bool:
    """Whether *part* puts a listener on the engine *engine*."""
    if engine not in part.uses:
        return False
    calls: list[ast.expr] = list(getattr(part.node, "decorator_list", []))
    if isinstance(part.node, ast.Expr):
        calls.append(part.node.value)
    return any(isinstance(each, ast.Call) and puts_listener(program, module, each, engine) for each in calls)


def puts_listener(program: Program, module: ModuleFacts, call: ast.Call, engine: str) -> bool:
    """Whether *call* is ``event.listen(engine, ...)`` or ``event.listens_for(engine, ...)``."""
    name = (outside(program, module, call.func) or "").rsplit(".", 1)[-1]
    return name in ("listen", "listens_for") and any(
        isinstance(each, ast.Name) and each.id == engine for given in call.args[:1] for each in ast.walk(given)
    )


def _add_effects(program: Program, module: ModuleFacts, parts: Sequence[Part], moved: _Closure) -> None:
    """What happens before the engine is made (``load_dotenv()``, a check of the settings) has to go on to do so."""
    last = max(index for index, part in enumerate(parts) if part in moved.chosen)
    stated = docstring(module)
    for part in parts[:last]:
        if part.is_import or part.is_definition or part.node is stated:
            continue
        if not part.defines or _may_do_something(program, module, part):
            moved.add(part)


def _may_do_something(program: Program, module: ModuleFacts, part: Part) -> bool:
    """Whether *part*, which binds a name, calls something that may do more than to give a value."""
    if not isinstance(part.node, (ast.Assign, ast.AnnAssign)):
        return False
    for each in ast.walk(part.node):
        if isinstance(each, ast.Call) and not isinstance(each.func, ast.Attribute):
            known = outside(program, module, each.func) or getattr(each.func, "id", "")
        elif isinstance(each, ast.Call):
            known = outside(program, module, each.func) or ""
        else:
            continue
        if known not in _HARMLESS and not is_orm(known, "declarative_base", "MetaData", "registry", "sessionmaker"):
            return True
    return False


def _factory(
    program: Program, module: ModuleFacts, parts: Sequence[Part], engine: Engine, moved: _Closure
) -> forms.Factory | None:
    found = [
        (part, factory)
        for part in parts
        if part not in moved.chosen
        and (factory := forms.factory_of(program, module, part.node, engine.name)) is not None
    ]
    if not found:
        return None
    defined = {name: part for part in parts if not part.is_import for name in part.defines}
    # Of several, the one that most of the module uses.
    part, factory = max(found, key=lambda pair: sum(pair[1].name in other.uses for other in parts))
    rebound = any(
        isinstance(each.node, ast.Global) and each.stored and each.name == factory.name
        for other in parts
        for each in other.references
    )
    needed = {each.id for option in factory.options for each in ast.walk(option) if isinstance(each, ast.Name)}
    if rebound or any(f"{factory.name}" in other.defines for other in parts if other is not part):
        return None
    for name in needed & defined.keys():
        moved.add(defined[name])
    return factory


def _replaced(
    program: Program, module: ModuleFacts, parts: Sequence[Part], known: forms.Known, moved: set[Part]
) -> dict[Part, forms.Own]:
    own: dict[Part, forms.Own] = {}
    for part in parts:
        if part in moved:
            continue
        if known.factory is not None and known.factory in part.defines:
            own[part] = "SessionLocal"
            continue
        name = forms.function_of(program, module, part.node, known)
        # Each name of the runtime's class stands for one function only: a second one keeps its code.
        if name is not None and name not in own.values():
            own[part] = name
    return own


def _other_names(result: Split, uses: Uses) -> dict[Part, forms.Own]:
    """The statements that only give a function of the shim another name: ``get_session = get_db``."""
    defining: dict[str, list[Part]] = {}
    bound = {each.name for part in result.parts for each in part.references if isinstance(each.node, ast.Global)}
    for part in result.parts:
        for name in part.defines:
            defining.setdefault(name, []).append(part)
    found: dict[Part, forms.Own] = {}
    for part in result.parts:
        match part.node:
            case ast.Assign(targets=[ast.Name(id=other)], value=ast.Name(id=name)):
                known = {**result.own, **found}
                function = next(iter(defining.get(name, ())), None)
                own = known.get(function) if function is not None else None
                once = len(defining[other]) == len(defining.get(name, ())) == 1 and not {other, name} & bound
                if once and own in _FUNCTIONS and not {other, name} & uses.replaced.keys():
                    found[part] = own
    return found


def _add_bases(
    program: Program,
    module: ModuleFacts,
    parts: Sequence[Part],
    moved: _Closure,
    own: dict[Part, forms.Own],
    uses: Uses,
    engine: str,
) -> None:
    """The declarative base and what creates its tables move along, unless code that stays goes on to use the base."""
    bases = [part for part in parts if part not in moved.chosen and part not in own and _is_base(program, module, part)]
    base_names = {name for part in bases for name in part.defines}
    about = [
        part
        for part in parts
        if part not in moved.chosen
        and part not in own
        and isinstance(part.node, ast.FunctionDef)
        and part.uses & (base_names | {engine})
        and not part.uses & uses.replaced.keys()
        and not part.defines & uses.replaced.keys()
        and not forms.gives_session(program, module, part.node, frozenset({engine}))
    ]
    chosen = {*bases, *about}
    while True:
        misfits = {part for part in chosen if not moved.fits(part, chosen)}
        kept = [part for part in parts if part not in moved.chosen and part not in own and part not in chosen]
        # A base that code which stays refers to would be known by two names there.
        misfits |= {part for part in chosen for other in kept if part.defines & other.uses}
        if not misfits:
            break
        chosen -= misfits
    for part in chosen:
        moved.add(part)


def _is_base(program: Program, module: ModuleFacts, part: Part) -> bool:
    match part.node:
        case (
            ast.Assign(targets=[ast.Name()], value=ast.Call(func=func))
            | ast.AnnAssign(target=ast.Name(), value=ast.Call(func=func))
        ):
            return is_orm(outside(program, module, func), "declarative_base", "MetaData", "registry")
        case ast.ClassDef(bases=bases):
            return any(
                is_orm(outside(program, module, base), "DeclarativeBase", "DeclarativeBaseNoMeta") for base in bases
            )
    return False


def _private(program: Program, module: ModuleFacts, result: Split, uses: Uses) -> dict[Part, str]:
    """The statements that hand out sessions in ways of their own, with the private names that they get."""
    sources = {result.engine.name}
    if result.factory is not None:
        sources.add(result.factory.name)
    sources |= {name for part in result.moved for name in part.defines if "session" in name.lower()}
    found: dict[Part, str] = {}
    taken = {name for part in result.parts for name in part.defines}
    for part in result.parts:
        if (
            part in result.moved
            or part in result.own
            or not forms.gives_session(program, module, part.node, frozenset(sources))
        ):
            continue
        (name,) = part.defines or {""}
        others = [other for other in result.parts if other is not part]
        rebound = any(
            isinstance(each.node, ast.Global) and each.stored and each.name == name
            for other in others
            for each in other.references
        )
        twice = any(name in other.defines for other in others)
        hidden = name in uses.replaced and any(name in other.uses for other in others)
        sources.add(name)
        if name.startswith("_") or not name or rebound or twice or hidden or f"_{name}" in taken:
            continue
        found[part] = f"_{name}"
    return found
