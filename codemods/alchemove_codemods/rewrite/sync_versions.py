"""The text of what stands for the sync version of a dependency: its name where that is injected, and the globals and classes made for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.colours.divided import annotated_with, is_named
from alchemove_codemods.colours.roots import Injection, default_of
from alchemove_codemods.colours.versions import Kept, Unit, kept, stands_in, sync_name, unit_of
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.values import Class


def named(file: File, injection: Injection) -> list[tuple[int, int, str]]:
    """The edits that have FastAPI give the parameter of *injection* the sync version, if there is one."""
    provider, source = injection.provider, file.module.source
    if provider is None or provider not in file.colours.division.divided:
        return []
    unit, given = unit_of(provider), injection.call.args[0]
    held = _kept(file, injection)
    if held is not None and held.named is not given:
        # The global keeps the whole ``Depends(...)``, or what is annotated with it.
        return [(source.start(held.named), source.end(held.named), _global(file, held))]
    if stands_in(injection):
        if held is not None:
            return [(source.start(given), source.end(given), _global(file, held))]
        callee = given.func if isinstance(given, ast.Call) else given
        return [(source.start(callee), source.end(callee), written(file, unit, callee))]
    version = _global(file, held) if held is not None else written(file, unit, None)
    depends = f"{file.imports.use('Depends', 'fastapi')}({version})"
    parameter = injection.parameter
    if is_named(injection):
        default = default_of(injection.function, parameter)
        assert default is not None
        return [(source.start(default), source.end(default), depends)]
    said, alias, annotation = annotated_with(injection), injection.alias, parameter.annotation
    assert said is not None
    assert alias is not None
    assert annotation is not None
    value = file.colours.knowledge.static(alias[0], said)
    assert isinstance(value, Class)
    cls = file.imports.of_program(value.facts.name, value.facts.module)
    annotated = file.imports.use("Annotated", "typing")
    return [(source.start(annotation), source.end(annotation), f"{annotated}[{cls}, {depends}]")]


def written(file: File, unit: Unit, callee: ast.expr | None) -> str:
    """How the sync version of *unit* is written where the original is named by *callee*."""
    if isinstance(callee, ast.Attribute):
        return f"{file.module.source.segment(callee.value)}.{sync_name(unit)}"
    return file.imports.of_program(sync_name(unit), unit.module)


def derived(file: File, unit: ClassFacts, function: FunctionFacts, at: int) -> str:
    """The class derived from *unit*, behind it *at* that place, whose objects are given sync versions when they are called, as *function* is."""
    source, node = file.module.source, function.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    begin = source.start(node)
    header, done = "", begin
    cuts = [cut for i in file.colours.roots.injections.get(function, ()) for cut in named(file, i)]
    for first, last, new in sorted(cuts):
        header += source.text[done:first] + new
        done = last
    header += source.text[done : source.starts[node.body[0].lineno - 1]]
    inner, body = source.indent_at(begin), source.indent_at(source.start(node.body[0]))
    arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args)][1:]
    arguments += [f"*{node.args.vararg.arg}"] if node.args.vararg else []
    arguments += [f"{a.arg}={a.arg}" for a in node.args.kwonlyargs]
    arguments += [f"**{node.args.kwarg.arg}"] if node.args.kwarg else []
    waiting = "await " if isinstance(node, ast.AsyncFunctionDef) else ""
    call = f"{body}return {waiting}super().__call__({', '.join(arguments)})"
    lines = [f"class {sync_name(unit)}({unit.name}):", f"{inner}{header}{call}", ""]
    before = source.newline * (2 if source.text[at - 1] in "\r\n" else 3)
    return before + source.newline.join(lines)


def keeping(file: File) -> Iterator[tuple[int, str]]:
    """The globals of *file* that keep sync versions, each with its place behind the one that keeps the original."""
    colours, source = file.colours, file.module.source
    found: dict[str, tuple[Kept, Unit]] = {}
    for function in (*colours.division.broken, *colours.division.divided):
        for injection in colours.roots.injections.get(function, ()):
            provider = injection.provider
            held = _kept(file, injection) if provider in colours.division.divided else None
            if provider is not None and held is not None and held.module is file.module:
                found[held.name] = held, unit_of(provider)
    for held, unit in found.values():
        target = held.statement.targets[0] if isinstance(held.statement, ast.Assign) else held.statement.target
        callee = held.made.func
        text = source.text[source.end(target) : source.start(callee)] + written(file, unit, callee)
        text += source.text[source.end(callee) : source.end(held.statement)]
        yield source.end(held.statement), f"{source.newline}{held.version}{text}"


def _kept(file: File, injection: Injection) -> Kept | None:
    provider = injection.provider
    if provider is None or unit_of(provider) is provider:
        return None
    return kept(file.colours.knowledge.program, injection)


def _global(file: File, held: Kept) -> str:
    """How the global that keeps the sync version is written where *held* is named."""
    if isinstance(held.named, ast.Attribute) and held.user is file.module:
        return f"{file.module.source.segment(held.named.value)}.{held.version}"
    return file.imports.of_program(held.version, held.module)
