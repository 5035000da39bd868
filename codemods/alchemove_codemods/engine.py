"""One stage over a set of files, from bytes to an :class:`Outcome`; pure, it neither reads nor writes files."""

from __future__ import annotations

import ast
import gc
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from alchemove_codemods.analysis import persistence
from alchemove_codemods.analysis.cascading import note_cascading
from alchemove_codemods.analysis.factories import factories
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.mocked import note_mocked
from alchemove_codemods.analysis.moved import note_moved
from alchemove_codemods.analysis.occurrences import Occurrences
from alchemove_codemods.analysis.places import functions_at
from alchemove_codemods.analysis.records import Creation, Removed, Suspect
from alchemove_codemods.analysis.words import legacy, places
from alchemove_codemods.decide import Decisions, Listeners, decide
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.findings import Outcome
from alchemove_codemods.pinned import Allowed
from alchemove_codemods.program import Program
from alchemove_codemods.reported import findings_of
from alchemove_codemods.rewrite.alignment import aligned
from alchemove_codemods.rewrite.chain import Chain
from alchemove_codemods.rewrite.comments import lost_comments
from alchemove_codemods.rewrite.edits import Conflict, Edits
from alchemove_codemods.rewrite.file import File
from alchemove_codemods.rewrite.imports import Imports
from alchemove_codemods.rewrite.pieces import check
from alchemove_codemods.rewrite.removed import pieces_of
from alchemove_codemods.rewrite.signatures import annotation_edits
from alchemove_codemods.rewrite.truth import presence_test
from alchemove_codemods.rewrite.views import Refused
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Instance

_EVENTS = re.compile(rb"(before_compile(_update|_delete)?|after_bulk_(update|delete))[\"']")


@dataclass(frozen=True, slots=True)
class Options:
    """What a user can set: ``[tool.alchemove]`` of the target and the command line.

    ``source_roots`` are folders (relative, ``/``) from which absolute imports start, besides the detected ones;
    ``session_names`` are further expressions that hold a session (``ctx.db``); ``strict`` accepts annotation and
    constructor proofs of a session only; ``stage_options`` is the table ``[tool.alchemove.STAGE]``;
    ``read_by_templates`` are the attributes that templates read or call, ``gone_through_by_templates`` the paths of those that go through variables
    once, and the names of these; ``sqlalchemy`` and ``flask_sqlalchemy`` are the lowest and the
    highest version (major, minor) that the project allows. A line that a rewrite makes longer than ``line_length`` characters, and than it was, is broken; None leaves all on one line.
    """

    strict: bool = False
    source_roots: tuple[str, ...] = ()
    session_names: tuple[str, ...] = ()
    stage_options: Mapping[str, object] = field(default_factory=dict)
    line_length: int | None = None
    read_by_templates: tuple[str, ...] = ()
    gone_through_by_templates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sqlalchemy: Allowed | None = None
    flask_sqlalchemy: Allowed | None = None


def run(
    stage: str,
    sources: Mapping[str, bytes],
    options: Options | None = None,
    targets: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Outcome:
    """Decide and apply *stage* for *sources* (path relative to the root, with ``/`` → content).

    All of *sources* is the program from which facts are taken; only *targets* (default: all) are rewritten and
    reported. ``progress`` is called with a short text as the run proceeds. Unparsable files become problems.
    """
    options = options or Options()
    wanted = frozenset(sources if targets is None else targets)
    say = progress or (lambda text: None)
    outcome = Outcome(stage, scanned=len(wanted))
    if stage == "sessions":
        from alchemove_codemods import transactions

        with _room():
            outcome = transactions.run(sources, options.source_roots, options.session_names, wanted, say)
        outcome.findings.sort()
        return outcome
    if stage == "async":
        from alchemove_codemods.colours import stage as coloured

        with _room():
            coloured.run(
                outcome,
                sources,
                options.source_roots,
                options.session_names,
                wanted,
                say,
                options.stage_options,
                options.line_length,
                options.read_by_templates,
            )
        outcome.findings.sort()
        return outcome
    with _room():
        program = Program(
            *(sources, options.source_roots, options.read_by_templates, options.gone_through_by_templates)
        )
        knowledge = Knowledge(program, options.session_names, options.line_length)
        knowledge.sqlalchemy, knowledge.flask_sqlalchemy = options.sqlalchemy, options.flask_sqlalchemy
        say("reading")
        _schedule_sites(program, knowledge)
        say("following queries")
        occurrences = _settle(knowledge)
        note_moved(knowledge, wanted)
        note_mocked(knowledge)
        note_cascading(knowledge)
        events = _query_listeners(program)
        say("deciding")
        decisions = decide(knowledge, occurrences, stage, wanted, options.strict, events)
        say("rewriting")
        while broken := _write(outcome, decisions, knowledge, wanted, stage):
            # Everything that shares a component with the broken file has to stay as well, so all is written again.
            for module, why in broken.items():
                for component in decisions.components_in(module):
                    decisions.of(component).refuse("internal-error", why, module, module.source.tree)
                decisions.drop_removed(module, why)
            outcome.changed.clear()
        outcome.findings.extend(findings_of(decisions, wanted))
        outcome.problems.extend(sorted(p for p in program.problems.values() if p.path in wanted))
    outcome.findings.sort()
    return outcome


def _write(
    outcome: Outcome, decisions: Decisions, knowledge: Knowledge, wanted: frozenset[str], stage: str
) -> dict[ModuleFacts, str]:
    """Put the new content of every changed file into *outcome*; gives the files whose edits do not fit together, and why."""
    broken: dict[ModuleFacts, str] = {}
    for module, chains in decisions.chains.items():
        accepted = [c for c in chains if c.changes and decisions.of(c.query.component).reason is None]
        gone = decisions.gone(module)
        touched = (
            accepted
            or gone
            or decisions.insertions_in(module)
            or decisions.annotations_in(module)
            or decisions.tests_in(module)
        )
        if not touched or module.path not in wanted:
            continue
        try:
            new = _rewritten(module, knowledge, accepted, decisions, gone, stage)
        except (Conflict, SyntaxError, Refused) as error:
            broken[module] = f"{type(error).__name__}: {error}"
            continue
        if new != module.source.raw:
            outcome.changed[module.path] = new
    return broken


@contextmanager
def _room() -> Iterator[None]:
    """Deep expressions need a deep stack, and the garbage collector only costs time while trees are built."""
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, 6000))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


def _schedule_sites(program: Program, knowledge: Knowledge) -> None:
    for function in (*factories(program), *knowledge.late_globals.makers()):
        knowledge.schedule(function)
    knowledge.solve()
    for path, raw in program.raw.items():
        if b"query" in raw or b"Query" in raw:
            for function in _holding(program, path, legacy):
                knowledge.schedule(function)
    for path in program.raw:
        for function in _holding(program, path, places):
            knowledge.require(function)
    found = _dynamic_relationships(program, knowledge)
    if found:
        knowledge.dynamic = persistence.Dynamic(knowledge, (name for _, name in found), (cls for cls, _ in found))
    for _, name in found:
        for path in program.mentioning(f".{name}".encode()):
            reader = program.module(path)
            if reader is not None:
                for function in knowledge.enclosing(reader, name):
                    knowledge.require(function)


def _holding(program: Program, path: str, find: Callable[[str], Iterator[int]]) -> Iterator[FunctionFacts]:
    """The functions of the file *path* that hold what *find* finds in its text."""
    # Only a file in which something is found is parsed; for that its bytes need not be decoded as it says.
    text = program.raw[path].decode("latin-1")
    found = list(find(text))
    module = program.module(path) if found else None
    if module is not None:
        source = module.source
        yield from functions_at(
            module, {source.line_of(at) for at in (found if source.text == text else find(source.text))}
        )


def _dynamic_relationships(program: Program, knowledge: Knowledge) -> list[tuple[str, str]]:
    """The classes that have a dynamic relationship, by name, and the name of each."""
    found: list[tuple[str, str]] = []
    for path in program.mentioning(b"dynamic"):
        module = program.module(path)
        if module is None or not re.search(r"lazy\s*=\s*[\"']dynamic|DynamicMapped|dynamic_loader", module.source.text):
            continue
        for cls in module.classes.values():
            for name, attribute in knowledge.models.own(cls).items():
                if attribute.kind == "relationship" and attribute.lazy == "dynamic":
                    found += [(each.name, name) for each in (cls, *knowledge.models.subclasses(cls))]
        for target, entries in knowledge.models.backrefs().items():
            found += [
                (target, name)
                for cls, name, _, option in entries
                if cls.module is module and "dynamic" in ast.dump(option)
            ]
    return found


def _settle(knowledge: Knowledge) -> Occurrences:
    """Interpret until every caller of a function that takes or gives queries was followed as well."""
    occurrences = Occurrences(knowledge)
    asked: set[FunctionFacts] = set()
    attributes: set[str] = set()
    for _ in range(8):
        knowledge.solve()
        crossed = [f for functions in (*knowledge.boundaries.values(), *knowledge.pages.values()) for f in functions]
        fresh = [f for f in dict.fromkeys([*crossed, *_undecided(knowledge)]) if f not in asked]
        for function in fresh:
            asked.add(function)
            occurrences.demand(function)
        for name in [n for n in knowledge.attributes_holding if n not in attributes]:
            attributes.add(name)
            for path in knowledge.program.naming(name):
                module = knowledge.program.module(path)
                for function in knowledge.enclosing(module, name) if module else ():
                    knowledge.require(function)
        knowledge.solve()
        occurrences.forget()
        grown = False
        for function in _undecided(knowledge):
            if function not in knowledge.trusted and occurrences.closed(function):
                knowledge.trusted.add(function)
                knowledge.schedule(function)
                grown = True
        if not fresh and not grown:
            break
    persistence.settle(knowledge)
    knowledge.give_up()
    knowledge.solve()
    occurrences.forget()
    return occurrences


def _undecided(knowledge: Knowledge) -> list[FunctionFacts]:
    """The functions in which a session or an entity could not be proved, and those that call them."""
    found = {f: None for f in knowledge.open_questions if not isinstance(f.node, ast.Module)}
    for function, records in knowledge.records.items():
        for record in records.values():
            unknown = isinstance(record, Creation) and any(
                e.kind == "unknown" for e in record.query.state.elements or ()
            )
            if unknown or (isinstance(record, Suspect) and record.reason in ("session-not-proved", "model-not-proved")):
                found.update(dict.fromkeys(_storing_in(knowledge, function, record.node)))
                inner: FunctionFacts | None = function
                while inner is not None:
                    if not isinstance(inner.node, ast.Module):
                        found[inner] = None
                    inner = inner.outer
    for function in list(found):
        if function in knowledge.trusted:
            for caller in knowledge.callers.get(function, ()):
                if not isinstance(caller.node, ast.Module):
                    found[caller] = None
    return list(found)


def _storing_in(knowledge: Knowledge, function: FunctionFacts, node: ast.AST) -> Iterator[FunctionFacts]:
    """The methods that give an object the attributes that the site *node* of *function* reads: ``self.session``, ``self.config.model``."""
    call = function.module.source.parents.get(node)
    for inner in walk(call if isinstance(call, ast.Call) and call.func is node else node):
        if isinstance(inner, ast.Attribute) and (owner := _owner(knowledge, function, inner.value)) is not None:
            yield from knowledge.stores.methods(knowledge.models.family(owner), inner.attr)


def _owner(knowledge: Knowledge, function: FunctionFacts, node: ast.expr) -> ClassFacts | None:
    """The class of the object *node* in *function*: its own one, or what is known of an attribute by now."""
    match node:
        case ast.Name(id=name) if function.is_method and function.parameters and function.parameters[0].arg == name:
            return function.owner
        case ast.Attribute():
            found = knowledge.settled.get(node)
            return found.cls if isinstance(found, Instance) and isinstance(found.cls, ClassFacts) else None
    return None


def _query_listeners(program: Program) -> Listeners:
    """Where the program listens to events of Query, or to those of Session that only Query fires."""
    everywhere: set[str] = set()
    functions: set[tuple[ast.AST, str]] = set()
    for path, raw in program.raw.items():
        if (b"before_compile" in raw or b"after_bulk_" in raw) and b"isten" in raw and _EVENTS.search(raw):
            module = program.module(path)
            parents = module.source.parents if module else {}
            for text in module.source.of_kind(ast.Constant) if module else ():
                if not isinstance(text.value, str) or not text.value.startswith(("before_compile", "after_bulk_")):
                    continue
                around = parents.get(text)
                named = (last_name(around.func) or "") if isinstance(around, ast.Call) else ""
                if "remove" in named or "contains" in named:
                    continue
                function = _removing(module, around) if isinstance(around, ast.Call) and "listen" in named else None
                if function is None:
                    everywhere.add(text.value)  # also where it is kept under a name, or given as a keyword
                else:
                    functions.add((function, text.value))
    return Listeners(frozenset(everywhere), frozenset(functions))


def _removing(module: ModuleFacts | None, node: ast.Call) -> ast.AST | None:
    """The function around *node* if it removes its listener again."""
    for function in module.functions if module else ():
        inside = function.lineno <= node.lineno <= (function.end_lineno or 0)  # type: ignore[attr-defined]
        if inside and any(
            isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "remove"
            for n in ast.walk(function)
        ):
            return function
    return None


def _rewritten(
    module: ModuleFacts,
    knowledge: Knowledge,
    chains: list[Chain],
    decisions: Decisions,
    gone: list[Removed],
    stage: str,
) -> bytes:
    """The bytes of *module* with *chains* converted, rows read by name through their mapping, and what is *gone* replaced."""
    source = module.source
    edits = Edits(source)
    imports = Imports(module, knowledge.program)
    file = File(module, knowledge, edits, imports)
    read = {removed.node for removed in gone}
    for record in (r for r in decisions.named_keys(module) if r.node not in read):
        end = source.end(record.node.value)
        if source.text.startswith("[", end):
            edits.add(end, end, lambda: "._mapping", "row-key")
    for insertion in decisions.insertions_in(module):
        edits.add(insertion.at, insertion.at, partial(str, insertion.text), "session-parameter")
    for annotation in decisions.annotations_in(module):
        for start, end, text in annotation_edits(file, annotation):
            edits.add(start, end, partial(str, text), "annotation")
    for test in decisions.tests_in(module):
        edits.add(*presence_test(file, test), "truth-test")
    for removed in gone:
        made = pieces_of(file, stage, removed)
        for piece in made if isinstance(made, list) else ():
            edits.add(piece.start, piece.end, piece.render, removed.rule, optional=True)
    for chain in chains:
        chain.file = file
        # The session that a query is asked for is not always written where a query of it is made.
        optional = chain.terminal is not None and chain.terminal.method == "session"
        edits.add(*chain.span, chain.render, "chain", optional=optional)
        if chain.wrapped is not None and (alias := chain.wrapped.name) is not None:
            for reference in chain.wrapped.references:
                edits.add(source.start(reference), source.end(reference), partial(str, alias), "alias", optional=True)
    text = edits.apply()
    for start, comment in lost_comments(edits):
        line = f"{source.indent_at(start)}{comment}{source.newline}"
        edits.add(start, start, partial(str, line), "comment")
    imports.keep_used(edits.rendered)
    imports.drop_unused("Query", text)
    imports.add_edits(edits)
    text = aligned(edits, knowledge.line_length)
    check(edits, text)
    return source.encode(text)
