"""Which components convert, and why the others do not; decided once for the whole program."""

from __future__ import annotations

import ast
from dataclasses import field

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.occurrences import Occurrences
from alchemove_codemods.analysis.records import (
    Annotated,
    Creation,
    Escape,
    Iteration,
    Mention,
    Record,
    Removed,
    RowUse,
    Step,
    Suspect,
    Tested,
    component_of,
)
from alchemove_codemods.facts import FunctionFacts, ModuleFacts
from alchemove_codemods.frozen import dataclass
from alchemove_codemods.rewrite.chain import Chain, chains_of
from alchemove_codemods.rewrite.configures import read_elsewhere
from alchemove_codemods.rewrite.edits import Edits, Insertion
from alchemove_codemods.rewrite.embedded import loses_autoflush
from alchemove_codemods.rewrite.file import File
from alchemove_codemods.rewrite.imports import Imports
from alchemove_codemods.rewrite.named_sessions import naming
from alchemove_codemods.rewrite.removed import pieces_of
from alchemove_codemods.rewrite.signatures import session_insertions
from alchemove_codemods.rewrite.views import Refusal, Refused
from alchemove_codemods.ties import Ties
from alchemove_codemods.values import MORE, Component, Element, Sql, parts

_ROW_METHODS = frozenset({"_asdict", "_fields", "_mapping", "keys", "items"})
_AROUND_WRITING = ("before_compile", "after_bulk")
"""What events of ``Query.update()`` and ``Query.delete()`` begin with; the same statement in ``session.execute()`` fires none."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Handlers of Query events, by name: for the whole program, or while one of ``functions`` runs."""

    everywhere: frozenset[str] = frozenset()
    functions: frozenset[tuple[ast.AST, str]] = frozenset()

    def heard_in(self, function: FunctionFacts, event: str) -> bool:
        """Whether the handlers of *event* may change a query in *function*."""
        return event in self.everywhere or (function.node, event) in self.functions


@dataclass(slots=True, eq=False)
class Verdict:
    """What becomes of a component: ``reason`` is None if it converts."""

    reason: str | None = None
    detail: str = ""
    path: str = ""
    line: int = 0

    def refuse(self, reason: str, detail: str, module: ModuleFacts, node: ast.AST) -> None:
        """Refuse for *reason* found at *node*; the first reason stays, but a skip comment always wins."""
        if self.reason is None or (reason == "skipped" and self.reason != "skipped"):
            self.reason, self.detail = reason, detail
            self.path, self.line = module.path, getattr(node, "lineno", 1)


@dataclass(slots=True, eq=False)
class Decisions:
    """The outcome for every component, and the chains of every file."""

    verdicts: dict[Component, Verdict] = field(default_factory=dict)
    chains: dict[ModuleFacts, list[Chain]] = field(default_factory=dict)
    creations: list[Creation] = field(default_factory=list)
    suspects: list[Suspect] = field(default_factory=list)
    subscripts: list[RowUse] = field(default_factory=list)
    annotated: list[Annotated] = field(default_factory=list)
    tested: list[Tested] = field(default_factory=list)
    insertions: list[tuple[Component, Insertion]] = field(default_factory=list)
    removed: list[tuple[Removed, Verdict]] = field(default_factory=list)

    def components_in(self, module: ModuleFacts) -> list[Component]:
        """The components that have a part in *module*."""
        found = [c.query.component for c in self.chains.get(module, ())]
        found += [component for component, i in self.insertions if i.module is module]
        found += [t.query.component for t in self.tested if t.function.module is module]
        return found + [a.query.component for a in self.annotated if a.function.module is module]

    def drop_removed(self, module: ModuleFacts, why: str) -> None:
        """Keep the constructs of *module* that stand for themselves."""
        for record, verdict in self.removed:
            if record.function.module is module:
                verdict.refuse("internal-error", why, module, record.node)

    def insertions_in(self, module: ModuleFacts) -> list[Insertion]:
        """What is put into *module* because a function of the program gets a session."""
        return [i for component, i in self.insertions if i.module is module and self.of(component).reason is None]

    def annotations_in(self, module: ModuleFacts) -> list[Annotated]:
        """The annotations of *module* whose query converts."""
        return [a for a in self.annotated if a.function.module is module and self.of(a.query.component).reason is None]

    def tests_in(self, module: ModuleFacts) -> list[Tested]:
        """The truth tests of *module* whose query converts."""
        return [t for t in self.tested if t.function.module is module and self.of(t.query.component).reason is None]

    def named_keys(self, module: ModuleFacts) -> list[RowUse]:
        """The rows of converted queries that *module* reads by a text key, which needs ``_mapping`` on 2.x."""
        return [u for u in self.subscripts if u.function.module is module and self.of(u.row.component).reason is None]

    def gone(self, module: ModuleFacts) -> list[Removed]:
        """The constructs of *module* that stand for themselves and are rewritten."""
        return [r for r, verdict in self.removed if r.function.module is module and verdict.reason is None]

    def of(self, component: Component) -> Verdict:
        """The verdict for *component*."""
        return self.verdicts.setdefault(component.find(), Verdict())


def decide(
    knowledge: Knowledge, occurrences: Occurrences, stage: str, targets: frozenset[str], strict: bool, events: Listeners
) -> Decisions:
    """Collect every reason against each component. *targets* are the files that may be rewritten."""
    decisions = Decisions()
    by_module: dict[ModuleFacts, list[Record]] = {}
    for function, records in knowledge.records.items():
        by_module.setdefault(function.module, []).extend(records.values())
    for module, found in by_module.items():
        file = File(module, knowledge, Edits(module.source), Imports(module, knowledge.program, deciding=True))
        decisions.chains[module] = chains_of(file, stage, found)
        decisions.removed += [(r, _judge(file, stage, r)) for r in found if isinstance(r, Removed)]
    everywhere = [chain for chains in decisions.chains.values() for chain in chains]
    ties = Ties(knowledge, everywhere)
    knowledge.configuring = read_elsewhere(everywhere)
    for module, found in by_module.items():
        for record in found:
            if record.function in knowledge.unsettled and (unclear := component_of(record)) is not None:
                decisions.of(unclear).refuse("too-complex", record.function.name, module, record.node)
            if not isinstance(record, Removed):
                _check(decisions, knowledge, module, record, targets, strict, events)
    _check_boundaries(decisions, knowledge, occurrences)
    for module, chains in decisions.chains.items():
        for chain in chains:
            verdict = decisions.of(chain.query.component)
            if verdict.reason is None and chain.changes:
                try:
                    chain.render()
                except Refused as refused:
                    verdict.refuse(refused.refusal.reason, refused.refusal.detail, module, chain.top)
    _hand_sessions(decisions, knowledge, stage, targets)
    decisions.insertions += [
        (made.query.component, naming(made, name)) for made, name in knowledge.named_sessions.items()
    ]
    _leave_helpers(decisions, ties)
    return decisions


def _leave_helpers(decisions: Decisions, ties: Ties) -> None:
    """A helper that stands for itself keeps its text where one of its callers keeps its query."""
    changed = True
    while changed:
        changed = False
        for inner, callers in ties.loose():
            own = decisions.of(inner)
            for caller in map(decisions.of, callers):
                if own.reason is None and caller.reason is not None:
                    own.reason, own.detail, own.path, own.line = caller.reason, caller.detail, caller.path, caller.line
                    changed = True


def _judge(file: File, stage: str, record: Removed) -> Verdict:
    """What becomes of a construct that stands for itself."""
    verdict, module = Verdict(), file.module
    if _skipped(module, record.node):
        verdict.refuse("skipped", "", module, record.node)
        return verdict
    result = pieces_of(file, stage, record)
    if isinstance(result, Refusal):
        verdict.refuse(result.reason, result.detail, module, record.node)
    return verdict


def _skipped(module: ModuleFacts, node: ast.AST) -> bool:
    """Whether a comment asks to leave *node*."""
    skipped = module.source.skipped
    return bool(skipped) and (0 in skipped or any(node.lineno <= line <= node.end_lineno for line in skipped))  # type: ignore[attr-defined]


def _check(
    decisions: Decisions,
    knowledge: Knowledge,
    module: ModuleFacts,
    record: Record,
    targets: frozenset[str],
    strict: bool,
    events: Listeners,
) -> None:
    if isinstance(record, Suspect):
        decisions.suspects.append(record)
        return
    component = component_of(record)
    assert component is not None
    verdict = decisions.of(component)
    if _skipped(module, record.node):
        verdict.refuse("skipped", "", module, record.node)
    match record:
        case Creation():
            decisions.creations.append(record)
            if events.heard_in(record.function, "before_compile"):
                verdict.refuse("query-events", "", module, record.node)
            if strict and "unproved-session" in record.query.state.may:
                verdict.refuse("session-not-proved", "", module, record.node)
            if isinstance(record.query.query_class, str):
                verdict.refuse("custom-query-class", record.query.query_class, module, record.node)
            if module.path not in targets:
                verdict.refuse("outside-targets", "", module, record.node)
        case Annotated():
            decisions.annotated.append(record)
        case Tested():
            decisions.tested.append(record)
            if module.path not in targets:
                verdict.refuse("outside-targets", "", module, record.node)
        case Step() | Iteration() | Mention():
            if isinstance(record, (Step, Mention)) and loses_autoflush(knowledge, record):
                verdict.refuse("core-only-autoflush", "", module, record.node)
            if (
                isinstance(record, Step)
                and record.method in ("update", "delete")
                and any(events.heard_in(record.function, f"{when}_{record.method}") for when in _AROUND_WRITING)
            ):
                verdict.refuse("query-events", "", module, record.node)
            if module.path not in targets and not isinstance(record, Mention):
                verdict.refuse("outside-targets", "", module, record.node)
        case Escape(reason=reason, detail=detail):
            verdict.refuse(reason, detail, module, record.node)
        case RowUse():
            if (
                isinstance(record.node, ast.Subscript)
                and isinstance(record.node.slice, ast.Constant)
                and isinstance(record.node.slice.value, str)
            ):
                decisions.subscripts.append(record)
            if reads_other_key(record):
                verdict.refuse("row-keys", "", module, record.node)


def _hand_sessions(decisions: Decisions, knowledge: Knowledge, stage: str, targets: frozenset[str]) -> None:
    """Functions that run a query they are given get its session, if every caller can hand it over."""
    files = {
        module: File(module, knowledge, Edits(module.source), Imports(module, knowledge.program))
        for module in decisions.chains
    }
    done: set[FunctionFacts] = set()
    while pending := [f for f in knowledge.session_parameters if f not in done]:
        for function in pending:
            done.add(function)
            component = _carried_component(knowledge, function)
            if component is None:
                continue
            verdict = decisions.of(component)
            try:
                made = session_insertions(files, knowledge, stage, function)
            except Refused as refused:
                verdict.refuse(refused.refusal.reason, refused.refusal.detail, function.module, function.node)
                continue
            for insertion in made:
                if insertion.module.path not in targets:
                    verdict.refuse("outside-targets", "", function.module, function.node)
            decisions.insertions += [(component, insertion) for insertion in made]


def _carried_component(knowledge: Knowledge, function: FunctionFacts) -> Component | None:
    root = knowledge.session_parameters[function].root
    for passing in knowledge.passings.values():
        if passing.function is function and root in passing.queries:
            return passing.queries[root].component
    return None


def reads_other_key(use: RowUse) -> bool:
    """Whether the name read from a row means something else, or nothing, in one of the two forms."""
    if isinstance(use.node, ast.Subscript):
        return False
    elements = use.row.elements
    if elements is None:
        return True
    name = use.node.attr
    if len(elements) == 1 and isinstance(elements[0].value, Sql) and elements[0].value.kind == "table":
        # Its columns are the keys, each of them once, in both forms.
        return name in _ROW_METHODS or elements[0].starred
    names = [name for e in elements for name in _names(e)]
    unnamed = any(e.kind == "column" and None in _names(e) for e in elements)
    if MORE in names:
        return True
    if name in _ROW_METHODS:
        known = [n for n in names if n is not None]
        return unnamed or len(known) != len(set(known)) or any(e.starred for e in elements)
    if names.count(name) == 1:
        return False
    return names.count(name) > 1 or unnamed


def _names(element: Element) -> list[str | None]:
    """The keys that *element* has in a row, None for one that is not known: ``*columns`` may have each of several, and any of them twice."""
    if not element.starred or element.kind != "column" or element.name is not None:
        return [element.name]
    return [column.name if isinstance(column, Sql) else None for column in parts(element.value)]


def _check_boundaries(decisions: Decisions, knowledge: Knowledge, occurrences: Occurrences) -> None:
    for component, functions in list(knowledge.boundaries.items()):
        verdict = decisions.of(component)
        for function in sorted(functions, key=lambda f: (f.module.path, getattr(f.node, "lineno", 0))):
            if verdict.reason is None and not occurrences.closed(function):
                verdict.refuse("unknown-callers", function.name, function.module, function.node)
    for component, functions in knowledge.pages.items():
        for function in functions:
            called = any(f in knowledge.callers for f in knowledge.overriding(function))
            if not called or not occurrences.closed(function):
                decisions.of(component).refuse("pagination-inspected", function.name, function.module, function.node)
    for name, components in knowledge.attributes_holding.items():
        if not occurrences.attribute_closed(name):
            for component in components:
                verdict = decisions.of(component)
                if verdict.reason is None:
                    owner = _first_function(knowledge, component)
                    if owner is not None:
                        verdict.refuse("query-stored", name, owner.module, owner.node)


def _first_function(knowledge: Knowledge, component: Component) -> FunctionFacts | None:
    for function, records in knowledge.records.items():
        for record in records.values():
            found = component_of(record)
            if found is not None and found.find() is component.find():
                return function
    return None
