"""Where sessions are opened: all calls of the program's openers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from alchemove_codemods.analysis.transactions.held import Holders
from alchemove_codemods.analysis.transactions.openers import Openers, shim_entry
from alchemove_codemods.analysis.transactions.scopes import Opening
from alchemove_codemods.facts import FunctionFacts, ModuleFacts
from alchemove_codemods.program import Program
from alchemove_codemods.trees import children

_DIRECT = re.compile(rb"Session\(\s*(?:bind\s*=\s*)?[A-Za-z_]")
_MAKERS = (b"sessionmaker", b"LegacyDatabase")


def openings(program: Program, openers: Openers, holders: Holders) -> list[Opening]:
    """All of them, in order of file and place."""
    names = _names(program, openers)
    paths = program.mentioning(*(name.encode() for name in names)) if names else []
    direct = [path for path, raw in program.raw.items() if b"Session" in raw and _DIRECT.search(raw)]
    found: list[Opening] = []
    for path in dict.fromkeys([*paths, *direct]):
        module = program.module(path)
        if module is not None:
            made = (_opening(openers, holders, call, function) for call, function in calls(program, module))
            found += [opening for opening in made if opening is not None]
    return found


def _opening(openers: Openers, holders: Holders, call: ast.Call, function: FunctionFacts) -> Opening | None:
    factory, begins = call.func, False
    opener = openers.of(function, factory)
    if opener is None and (call.args or call.keywords) and (session := openers.session(function, call)) is not None:
        return Opening(call, factory, session, function, "session-engine")
    if opener is None and isinstance(factory, ast.Attribute) and factory.attr == "begin":
        opener = openers.of(function, factory.value)
        factory, begins = factory.value, True
        if opener is not None and opener.kind != "factory":
            return None
    if opener is not None:
        rule = {"factory": "session-local", "manager": "session-manager", "generator": "next-session"}[opener.kind]
        return Opening(call, factory, opener, function, rule, begins)
    held = holders.of(function, factory) if not call.args and not call.keywords else None
    # Of begin() under another name nothing is known: it is a use that is no call, which ties the others.
    return (
        None if held is None or begins else Opening(call, factory, held.opener, function, "session-factory", held=held)
    )


def _names(program: Program, openers: Openers) -> set[str]:
    """The names under which sessions are opened anywhere."""
    names: set[str] = set()
    looked: set[str] = set()
    pending = program.mentioning(*_MAKERS)
    while pending:
        for path in pending:
            module = program.module(path)
            looked.add(path)  # also one that does not parse
            if module is not None:
                names |= _opening_names(openers, module)
        words = re.compile("|".join(rf"\b{re.escape(n)}\b" for n in sorted(names)).encode()) if names else None
        pending = [
            path
            for path, raw in program.raw.items()
            if path not in looked and words is not None and (b"yield" in raw or b"import" in raw) and words.search(raw)
        ]
    return names


def _opening_names(openers: Openers, module: ModuleFacts) -> set[str]:
    found = {
        name
        for name, bindings in module.bindings.items()
        if bindings[-1].kind in ("import", "value", "function")
        and openers.of(module.body, ast.Name(id=name, ctx=ast.Load()))
    }
    for cls in module.classes.values() if b"sessionmaker" in module.source.raw else ():
        found |= {where[1].rpartition(".")[2] for where in openers.objects.names(cls) if openers.at(where)}
    for node in module.source.tree.body:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="export"), keywords=keywords)):
                found |= {
                    str(k.arg)
                    for k in keywords
                    if k.arg and shim_entry(module, k.arg) and openers.at((module.path, k.arg))
                }
    return found


def calls(program: Program, module: ModuleFacts) -> Iterator[tuple[ast.Call, FunctionFacts]]:
    """Every call of *module* with the function it stands in (its body for those outside of functions)."""
    stack: list[tuple[ast.AST, FunctionFacts]] = [(node, module.body) for node in reversed(module.source.tree.body)]
    while stack:
        node, function = stack.pop()
        inner = function
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node not in module.functions:
                program.open(function)
            inner = module.functions.get(node, function)
            outside = [*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
            stack += [(part, function) for part in outside]
            stack += [(part, inner) for part in reversed(node.body)]
            continue
        if isinstance(node, ast.Call):
            yield node, function
        stack += [(child, inner) for child in reversed(children(node))]
