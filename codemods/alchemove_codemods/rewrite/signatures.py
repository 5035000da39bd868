"""Signatures that change with what they carry: a session for a function that runs a query it is given, and annotations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from alchemove_codemods.analysis.knowledge import Knowledge, Passing
from alchemove_codemods.analysis.records import Annotated
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.rewrite.chain import Chain
from alchemove_codemods.rewrite.edits import Insertion
from alchemove_codemods.rewrite.file import File
from alchemove_codemods.rewrite.views import Refused
from alchemove_codemods.values import Class, External

_QUERY = re.compile(r"\b(?:\w+\.)*Query\b(\[(\w+(?:\.\w+)*)\])?")


def session_insertions(
    file_of: dict[ModuleFacts, File], knowledge: Knowledge, stage: str, function: FunctionFacts
) -> list[Insertion]:
    """What it takes to hand *function* the session of the query that it runs: its parameter, and an argument at every call.

    Raises :exc:`Refused` where a call cannot give it. A caller that was handed the query itself gets the parameter, too.
    """
    if len(knowledge.overriding(function)) > 1 or not isinstance(
        function.node, (ast.FunctionDef, ast.AsyncFunctionDef)
    ):
        raise Refused("session-not-in-scope", function.name)
    parameter = knowledge.session_parameters[function]
    found = [_parameter(function, parameter.name)]
    passings = {p.node.func: p for p in knowledge.passings.values() if p.function is function}
    called = [node for node, target in knowledge.calls.items() if target is function]
    for node in called:
        passing = passings.get(node) if isinstance(node, ast.expr) else None
        query = passing.queries.get(parameter.root) if passing is not None else None
        if passing is None or query is None or query.held is None:
            raise Refused("session-not-in-scope", function.name)
        module = passing.caller.module
        file = file_of.get(module)
        if file is None:
            raise Refused("session-not-in-scope", function.name)
        chain = Chain(file, stage, passing.caller, passing.node, None)
        found.append(_argument(passing, module, f"{parameter.name}={chain.held_text(query.held)}"))
    return found


def _parameter(function: FunctionFacts, name: str) -> Insertion:
    """A keyword-only parameter at the end of the signature, before ``**kwargs``."""
    source, arguments = function.module.source, function.node.args  # type: ignore[attr-defined]
    star = "" if arguments.vararg or arguments.kwonlyargs else "*, "
    if arguments.kwarg is not None:
        at = source.text.rindex("**", 0, source.start(arguments.kwarg))
        return Insertion(function.module, at, f"{star}{name}, ")
    nodes = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *arguments.defaults,
        *(d for d in arguments.kw_defaults if d is not None),
    ]
    if arguments.vararg is not None:
        nodes.append(arguments.vararg)
    return Insertion(function.module, max(source.end(n) for n in nodes), f", {star}{name}")


def _argument(passing: Passing, module: ModuleFacts, text: str) -> Insertion:
    source, call = module.source, passing.node
    last = max(source.end(n) for n in [*call.args, *(k.value for k in call.keywords)])
    rest = source.text[last : source.end(call)]
    if rest.count(")") != 1 or "#" in rest:
        raise Refused("session-not-in-scope", passing.function.name)
    return Insertion(module, last, f", {text}")


def annotation_edits(file: File, record: Annotated) -> Iterator[tuple[int, int, str]]:
    """The places of an annotation that name Query, and what stands there instead."""
    module, source = file.module, file.module.source
    node = record.node
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if (match := _QUERY.search(node.value)) is not None:
            select = file.select_class()
            start = source.start(node)
            text = source.text[start : source.end(node)]
            rows = f"[tuple[{match.group(2)}]]" if match.group(2) and not file.may_be_old else _row(file, record)
            changed = text.replace(match.group(), select + rows)
            yield start, source.end(node), changed
        return
    for inner in ast.walk(node):
        if not isinstance(inner, (ast.Name, ast.Attribute)) or last_name(inner) != "Query":
            continue
        value = file.knowledge.static(module, inner)
        if not (isinstance(value, External) and value.top in ("sqlalchemy", "flask_sqlalchemy")):
            continue
        parent = file.parents.get(inner)
        select = file.select_class()
        if isinstance(parent, ast.Subscript) and parent.value is inner:
            rows = "" if file.may_be_old else f"[tuple[{source.segment(parent.slice)}]]"
            yield source.start(parent), source.end(parent), select + rows
        else:
            yield source.start(inner), source.end(inner), select + _row(file, record)


def _row(file: File, record: Annotated) -> str:
    """``[tuple[User]]`` for a query of one class that has a name in the file."""
    elements = record.query.state.elements
    if file.may_be_old or elements is None or len(elements) != 1 or not isinstance(elements[0].value, Class):
        return ""
    facts = elements[0].value.facts
    bound = file.module.bindings.get(facts.name)
    known = bound and file.knowledge.program.lookup(file.module, facts.name) == Class(facts)
    deferred = any(
        b.attribute == "annotations" and b.module == "__future__" for bs in file.module.bindings.values() for b in bs
    ) or isinstance(record.node, ast.Constant)
    if known and bound and (deferred or any(not b.checking and b.node.lineno < record.node.lineno for b in bound)):  # type: ignore[attr-defined]
        return f"[tuple[{facts.name}]]"
    return ""
