"""What an endpoint that stays sync is injected exists twice, so that it ties no other endpoint to the legacy session.

FastAPI gives all of one request the same session. Where one endpoint has to stay on the legacy one, so has everything that is injected into it,
`get_current_user` above all, and with that every other endpoint that depends on it. Instead, a copy of the dependency stays as it was:

    def get_current_user(                              async def get_current_user(
        token: str = Depends(scheme),                      token: str = Depends(scheme),
        db: Session = Depends(get_db),                     db: AsyncSession = session_depends(get_session),
    ):                                                 ):
        return find_user(db, token)                        return await db.run_sync(find_user, token)


                                                       def sync_get_current_user(
                                                           token: str = Depends(scheme),
                                                           db: Session = Depends(get_db),
                                                       ):
                                                           return find_user(db, token)

    def export(user: User = Depends(get_current_user)) def export(user: User = Depends(sync_get_current_user))

What both call stays sync, and runs inside `run_sync` where it is called with an AsyncSession. Delete the copy when the endpoint has become a coroutine.
A dependency exists once, and ties its endpoints, if it is a method, a generator or decorated, if a test or the application overrides it, if the
route or router of the endpoint names it in its `dependencies`, or if it keeps its session in something that has an AsyncSession elsewhere (a service, a repository).
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.divided import annotated_with, copied, is_named, stands_in
from alchemove_codemods.colours.roots import Injection, default_of
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.values import Class

_NAME = "divided-dependency"


@rule(_NAME, stage="async", reasons={})
def divided_dependency(file: File) -> None:
    """The copies in *file*, and the parameters in it that are given one."""
    colours, module = file.colours, file.module
    copies = colours.divided.within(colours.copies)
    for function in colours.requests.division(colours.sync).broken if colours.copies else ():
        if function.module is module and function not in copies:
            for injection in colours.roots.injections.get(function, ()):
                for start, end, text in _named(file, injection):
                    file.edits.add(start, end, lambda text=text: text, _NAME)  # type: ignore[misc]
    for unit in dict.fromkeys(map(copied, colours.copies)):
        if unit.module is module:
            _copy(file, unit)


def _copy(file: File, unit: FunctionFacts) -> None:
    source, node = file.module.source, unit.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    start, end = source.start(node), source.end(node)
    name = source.text.index(node.name, source.text.index("def", start) + 3)
    cuts = [(name, name + len(node.name), sync_name(unit))]
    for function in file.colours.divided.within({unit: unit}):
        for injection in file.colours.roots.injections.get(function, ()):
            cuts += _named(file, injection)
    text, at = "", start
    for first, last, new in sorted(cuts):
        text += source.text[at:first] + new
        at = last
    text += source.text[at:end]
    last_line = node.end_lineno or node.lineno
    gap = source.newline * 2
    if last_line < len(source.starts):
        file.insert(source.starts[last_line], f"{gap}{text}{source.newline}", _NAME)
    else:
        file.insert(len(source.text), f"{source.newline}{gap}{text}{source.newline}", _NAME)


def _named(file: File, injection: Injection) -> list[tuple[int, int, str]]:
    """The edits that have FastAPI give the parameter of *injection* the sync version, if there is one."""
    provider, source = injection.provider, file.module.source
    if provider is None or provider not in file.colours.copies:
        return []
    unit = copied(provider)
    given = injection.call.args[0]
    if stands_in(injection):
        named = given.func if isinstance(given, ast.Call) else given
        return [(source.start(named), source.end(named), _written(file, unit, named))]
    depends = f"{file.imports.use('Depends', 'fastapi')}({_written(file, unit, None)})"
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


def _written(file: File, unit: FunctionFacts, named: ast.expr | None) -> str:
    """How the copy of *unit* is written where the original is *named*."""
    if isinstance(named, ast.Attribute):
        return f"{file.module.source.segment(named.value)}.{sync_name(unit)}"
    return file.imports.of_program(sync_name(unit), unit.module)


def sync_name(unit: FunctionFacts) -> str:
    """The name of the copy of *unit*, which is free in its module."""
    name = f"sync_{unit.name.lstrip('_')}"
    while name in unit.module.bindings:
        name += "_"
    return name
