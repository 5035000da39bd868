"""``alchemove init`` from the files of a program to what would be written, and everything there is to report."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.findings import Finding, Outcome
from alchemove_codemods.init import adopt, candidates, session_module, several, shim
from alchemove_codemods.init import split as splitting
from alchemove_codemods.init import uses as using
from alchemove_codemods.init.candidates import ASYNC_MAKERS, Candidate, Engine
from alchemove_codemods.init.constructed import SQLMODEL_SESSION, constructed_options, has_factory, is_sqlmodel
from alchemove_codemods.init.factories import factory_options, options_elsewhere
from alchemove_codemods.init.importing import imported_by
from alchemove_codemods.init.known import initialised
from alchemove_codemods.init.names import is_orm, outside
from alchemove_codemods.init.parts import Entangled, Part
from alchemove_codemods.init.place import Place, choose
from alchemove_codemods.init.session_module import Style
from alchemove_codemods.init.split import NEW, Inseparable, Split
from alchemove_codemods.init.types import Export
from alchemove_codemods.init.unpacked import unpacked_options
from alchemove_codemods.init.weights import is_for_tests
from alchemove_codemods.program import Program
from alchemove_codemods.rules.init.database_module import REASONS
from alchemove_codemods.stages import SHIM
from alchemove_codemods.syntax import parse

RULE = "database-module"


@dataclass(frozen=True, slots=True)
class Initialisation:
    """What came of a run.

    ``outcome`` has the new contents, also of files that do not exist yet. ``notes`` are for the user. ``stuck`` says that
    nothing could be decided, so that the user has to do something.
    """

    outcome: Outcome
    notes: tuple[str, ...] = ()
    stuck: bool = False


def run(
    sources: Mapping[str, bytes],
    source_roots: Sequence[str],
    targets: Sequence[str],
    named: Sequence[str],
    to: str | None = None,
) -> Initialisation:
    """Decide about the database module among *targets*.

    Args:
        sources: the files of the program, by path.
        source_roots: folders where absolute imports start.
        targets: the files in which the database module is looked for.
        named: those that the user named one by one.
        to: where the session module shall go.
    """
    program = Program(sources, source_roots)
    wanted = frozenset(targets)
    outcome = Outcome(SHIM.name, scanned=len(wanted))
    done = [each for each in initialised(program) if each.session_module in wanted or each.shim in wanted]
    if done and not named:
        places = ", ".join(f"{each.session_module}:{each.line}" for each in done)
        return Initialisation(outcome, (f"already initialised: {places} makes the database; nothing was changed",))
    found = candidates.find(program, wanted, frozenset(named))
    flask = _flask(program, wanted)
    if flask is not None and not named:
        module, node = flask
        outcome.findings.append(_refused(module, node, "flask-sqlalchemy", "db = SQLAlchemy(...)"))
        # A FastAPI application in the same repository has a database of its own.
        found = [each for each in found if several.is_injected(program, each)]
        if not found:
            return Initialisation(outcome)
    chosen, uses = _chosen(program, found)
    if not chosen:
        return Initialisation(
            outcome,
            ("no module here makes an engine with create_engine(); name it, if it is excluded as a test or script",),
            stuck=True,
        )
    if len(chosen) > 1:
        main = several.main_module(program, chosen, uses)
        for each in found if main is None else (each for each in chosen if each is not main):
            outcome.findings.append(
                _refused(each.module, each.engines[0].call, "several-databases", _engine_names(each))
            )
        if main is None:
            return Initialisation(outcome, stuck=True)
        chosen = [main]
    only, used = chosen[0], uses[chosen[0].module.path]
    if used.from_the_top and not used.dotted:
        outcome.findings.append(_refused(only.module, only.engines[0].call, "package-at-the-top", _engine_names(only)))
        return Initialisation(outcome, stuck=True)
    _Writer(program, only, used, outcome, to).write()
    outcome.findings.sort()
    return Initialisation(outcome, stuck=not outcome.changed)


def _flask(program: Program, targets: frozenset[str]) -> tuple[ModuleFacts, ast.AST] | None:
    for path in sorted(targets):
        if b"SQLAlchemy(" not in program.raw[path] or (module := program.module(path)) is None:
            continue
        for statement in module.source.tree.body:
            match statement:
                case ast.Assign(value=ast.Call(func=func) as call):
                    if (outside(program, module, func) or "").startswith("flask_sqlalchemy."):
                        return module, call
    return None


def _chosen(program: Program, found: Sequence[Candidate]) -> tuple[list[Candidate], dict[str, using.Uses]]:
    """Of the modules that make an engine those that others take sessions or engines from."""
    uses = {each.module.path: using.of(program, each.module) for each in found}
    if len(found) <= 1:
        return list(found), uses
    if (home := _home_of_all(program, found)) is not None:
        return [home], uses
    chosen = [each for each in found if each.of_module] or list(found)
    chosen = [each for each in chosen if uses[each.module.path].files] or chosen
    chosen = [each for each in chosen if has_factory(program, each.module)] or chosen
    # What has no sessions but whose engine others take is a database all the same.
    shared = [
        each
        for each in found
        if each.of_module and any(engine.name in uses[each.module.path].names for engine in each.engines)
    ]
    return sorted({id(each): each for each in (*chosen, *shared)}.values(), key=lambda each: each.module.path), uses


def _home_of_all(program: Program, found: Sequence[Candidate]) -> Candidate | None:
    """The module whose function makes the engines of all others: they are of one database."""
    homes = {each.module.path for each in found if not each.of_module}
    origins = {
        origin[0]
        for each in found
        for engine in each.of_module
        if (origin := program.origin_of(each.module, engine.call.func)) is not None
    }
    if len(origins) == 1 and origins <= homes and all(each.of_module or each.module.path in origins for each in found):
        return next(each for each in found if each.module.path in origins)
    return None


def _engine_names(candidate: Candidate) -> str:
    return ", ".join(engine.name for engine in candidate.engines)


def _refused(module: ModuleFacts, node: ast.AST, reason: str, found: str) -> Finding:
    line, column = module.source.place(node)
    return Finding(module.path, line, column, RULE, "refused", reason, f"{found}: {' '.join(REASONS[reason].split())}")


class _Writer:
    """Puts the two files, and what there is to say of them, into the outcome."""

    def __init__(
        self, program: Program, candidate: Candidate, uses: using.Uses, outcome: Outcome, to: str | None
    ) -> None:
        self._program = program
        self._candidate = candidate
        self._module = candidate.module
        self._uses = uses
        self._outcome = outcome
        self._to = to

    def write(self) -> None:
        """Decide, and fill the outcome."""
        module = self._module
        engines = self._candidate.of_module
        if len({engine.name for engine in engines}) > 1:
            main = several.main_engine(self._program, module, engines, self._uses)
            for engine in engines:
                if main is None or (engine.name != main.name and not is_for_tests(engine.name)):
                    self._refuse(engine.call, "several-engines", engine.name)
            if main is None:
                return
            engines = tuple(engine for engine in engines if engine.name == main.name)
            self._candidate = Candidate(module, engines)
        taken = frozenset(name for name in (*NEW, "legacy") if name in module.bindings)
        place = choose(self._program, module, self._uses, taken, self._to)
        if place is None:
            self._refuse(self._candidate.engines[0].call, "no-place", self._to or "db/session.py")
            return
        if (line := _async_engine(self._program, module)) is not None:
            self._share(place, "async-engine", line, "create_async_engine")
        elif engines and not _star(self._uses, module):
            try:
                self._split(engines[0], place)
            except Inseparable as problem:
                self._share(place, problem.reason, problem.line, problem.found)
            except Entangled as problem:
                self._share(place, "entangled", problem.line, problem.why)
        elif engines:
            first = self._uses.stars[0]
            self._share(place, "imported-with-star", engines[0].call.lineno, f"{first.path}:{first.line}")
        else:
            self._share(
                place, "engine-made-later", self._candidate.engines[0].call.lineno, _engine_names(self._candidate)
            )

    def _refuse(self, node: ast.AST, reason: str, found: str) -> None:
        self._outcome.findings.append(_refused(self._module, node, reason, found))

    def _own(self, name: str) -> bool:
        return self._program.find_module(name, self._module.path) is not None or any(
            path.startswith(f"{name.split('.', 1)[0]}/") or f"/{name.split('.', 1)[0]}/" in path
            for path in (self._module.path,)
        )

    # -- the module is divided --

    def _split(self, engine: Engine, place: Place) -> None:
        module = self._module
        split = splitting.split(self._program, module, engine, self._uses, in_place=place.in_place)
        style = self._style(split, engine)
        clash = self._clash(split, place)
        if clash is not None:
            self._share(place, "reserved-name", self._module.source.place(self._node_of(clash))[0], clash)
            return
        names = shim.exports(split, place, self._uses, fastapi=style.fastapi)
        if place.in_place:
            names = [each for each in names if each.own is not None or not each.moved]
        shimmed = shim.text(split, place, style, self._uses, names, self._own)
        if not place.in_place:
            self._create(place, session_module.text(split, place, style, self._own))
        self._change(module, shimmed)
        self._report(split, place, names, engine)

    def _style(self, split: Split | None, engine: Engine) -> Style:
        program, module = self._program, self._module
        options = []
        class_ = None
        needed: set[str] = set()
        if split and split.factory:
            given = split.factory.options
        else:
            bound = engine.name if engine.where == "module" else None
            given = (
                unpacked_options(program, module, engine.name)
                or constructed_options(program, module, engine.name)
                or factory_options(program, module, bound)
                or (options_elsewhere(program, module, bound) if bound is not None else ())
            )
        for option in given:
            if option.arg == "class_":
                class_ = outside(program, module, option.value)
                if class_ is not None and class_.startswith("sqlalchemy."):
                    class_ = None
                    continue
            plain = isinstance(option.value, ast.Constant)
            written = ast.unparse(option.value) if plain else module.source.segment(option.value)
            options.append((option.arg or "", written))
            needed |= {each.id for each in ast.walk(option.value) if isinstance(each, ast.Name)}
        imports = session_module.needed(split.parts, needed) if split else []
        if class_ is None and is_sqlmodel(program, module, engine):
            class_ = "sqlmodel.Session"
            options.append(("class_", "Session"))
            imports.append(SQLMODEL_SESSION)
        fastapi = any(b"fastapi" in raw for raw in program.raw.values())
        return Style(fastapi, tuple(options), tuple(imports), class_)

    def _clash(self, split: Split, place: Place) -> str | None:
        """A name that would have two meanings in the session module or in the shim."""
        if not place.in_place:
            for name in split.moved_names:
                if name in (*NEW, "Database", "session_depends"):
                    return name
        used = {name for part in split.moved for name in part.uses}
        kept = {name for part in split.kept for name in part.defines}
        for part in split.parts:
            if isinstance(part.node, (ast.Import, ast.ImportFrom)):
                for name, each in imported_by(part.node):
                    if name in ("database", "Database") and (name in used or name in self._uses.names):
                        return name
                    if name in ("legacy", "LegacyDatabase") and each.module != "alchemove":
                        return name
        return next(iter(sorted(kept & {"database", "legacy", "LegacyDatabase"})), None)

    def _node_of(self, name: str) -> ast.AST:
        return self._module.bindings[name][0].node

    # -- the module stays as it is --

    def _share(self, place: Place, reason: str, line: int, found: str) -> None:
        reached = adopt.reached(self._program, self._candidate)
        if reached is None:
            self._refuse(self._candidate.engines[0].call, "engine-in-function", _engine_names(self._candidate))
            return
        if place.in_place:
            # A module that stays as it is cannot be the session module as well.
            beside = choose(self._program, self._module, self._uses, frozenset(NEW), self._to)
            if beside is None or beside.in_place:
                self._refuse(self._candidate.engines[0].call, "no-place", self._to or "db/session.py")
                return
            place = beside
        style = self._style(None, self._candidate.engines[0])
        self._create(place, adopt.text(self._program, reached, place, style))
        self._outcome.findings.append(self._found(line, reason, found))
        for engine in self._candidate.of_module:
            self._report_listeners(engine)

    # -- what is written and said --

    def _create(self, place: Place, content: str) -> None:
        source = self._module.source
        ended = content.replace("\n", source.newline)
        ast.parse(content)
        if place.package is not None:
            self._outcome.changed[place.package] = f'"""The database."""{source.newline}'.encode()
        self._outcome.changed[place.path] = ended.encode()

    def _change(self, module: ModuleFacts, content: str) -> None:
        source = module.source
        ended = content.replace("\r\n", "\n").replace("\n", source.newline)
        parse(ended)
        self._outcome.changed[module.path] = source.encode(ended)

    def _found(self, line: int, reason: str | None, found: str) -> Finding:
        if reason is None:
            return Finding(self._module.path, line, 1, RULE, "rewritten", None, found)
        message = f"{found}: {' '.join(REASONS[reason].split())}"
        return Finding(self._module.path, line, 1, RULE, "refused", reason, message)

    def _report(self, split: Split, place: Place, names: Sequence[Export], engine: Engine) -> None:
        def say(part: Part, reason: str | None, found: str) -> None:
            self._outcome.findings.append(self._found(part.node.lineno, reason, found))

        by_name = {each.name: each for each in names}
        for part in split.parts:
            for name in sorted(part.defines):
                export = by_name.get(name)
                if part in split.private:
                    say(part, "session-of-its-own", name)
                elif part in split.stays and not part.is_import and not (place.in_place and name == engine.name):
                    say(part, "stays", name)
                elif export is not None:
                    what = "moved to" if part in split.moved else "use"
                    say(part, None, f"{name}: {what} {export.replacement}")
        for keyword in engine.call.keywords:
            if keyword.arg == "connect_args" and not _suits_both(keyword.value):
                self._outcome.findings.append(self._found(keyword.value.lineno, "driver-arguments", engine.name))
        self._report_listeners(engine)

    def _report_listeners(self, engine: Engine) -> None:
        for call in self._module.source.of_kind(ast.Call):
            if splitting.puts_listener(self._program, self._module, call, engine.name):
                decorated = self._module.source.parents.get(call)
                line = decorated.lineno if isinstance(decorated, ast.FunctionDef) else call.lineno
                self._outcome.findings.append(self._found(line, "engine-listeners", engine.name))


def _suits_both(value: ast.expr) -> bool:
    """Whether these arguments are for SQLite, whose async driver takes the same."""
    match value:
        case ast.Dict(keys=keys):
            return all(isinstance(key, ast.Constant) and key.value in ("check_same_thread", "timeout") for key in keys)
    return False


def _star(uses: using.Uses, module: ModuleFacts) -> bool:
    return bool(uses.stars) and "__all__" not in module.bindings


def _async_engine(program: Program, module: ModuleFacts) -> int | None:
    """The line on which *module* makes an async engine of its own."""
    for each in ast.walk(module.source.tree):
        if isinstance(each, ast.Call) and is_orm(outside(program, module, each.func), *ASYNC_MAKERS):
            return each.lineno
    return None
