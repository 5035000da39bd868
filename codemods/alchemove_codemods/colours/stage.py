"""The ``async`` stage over a set of files: from sync sessions to AsyncSession."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence

from alchemove_codemods.analysis.annotations import of_factory
from alchemove_codemods.colours.decide import Colours
from alchemove_codemods.colours.loads import report as loads
from alchemove_codemods.colours.report import findings, pointed_out
from alchemove_codemods.colours.roots import default_of
from alchemove_codemods.colours.survey import survey
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.findings import Outcome
from alchemove_codemods.lazy_recording import Recorded
from alchemove_codemods.pinned_fastapi import responds_first
from alchemove_codemods.program import Program
from alchemove_codemods.rewrite.alignment import aligned
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.rewrite.edits import Conflict, Edits
from alchemove_codemods.rewrite.imports import Imports
from alchemove_codemods.rewrite.widths import fitted
from alchemove_codemods.rules.coroutines.async_function import async_function
from alchemove_codemods.rules.coroutines.async_generator import async_generator
from alchemove_codemods.rules.coroutines.await_call import await_call, converted
from alchemove_codemods.rules.coroutines.background_task import background_task
from alchemove_codemods.rules.coroutines.commit_call import commit_call
from alchemove_codemods.rules.coroutines.dependency_override import dependency_override
from alchemove_codemods.rules.coroutines.discard_uncommitted import discard_uncommitted
from alchemove_codemods.rules.coroutines.divided_dependency import divided_dependency
from alchemove_codemods.rules.coroutines.eager_load import eager_load, emptied, refreshed
from alchemove_codemods.rules.coroutines.exec_call import exec_call
from alchemove_codemods.rules.coroutines.generator_expression import generator_expression
from alchemove_codemods.rules.coroutines.response_model import response_model
from alchemove_codemods.rules.coroutines.response_order import response_order
from alchemove_codemods.rules.coroutines.rollback_call import rollback_call
from alchemove_codemods.rules.coroutines.run_sync import run_sync
from alchemove_codemods.rules.coroutines.session_block import session_block
from alchemove_codemods.rules.coroutines.session_dependency import session_dependency
from alchemove_codemods.rules.coroutines.test_call import test_call
from alchemove_codemods.rules.coroutines.thread import thread_call
from alchemove_codemods.rules.coroutines.to_thread import to_thread
from alchemove_codemods.rules.coroutines.watching_dependency import watching_dependency
from alchemove_codemods.rules.coroutines.whole_body import whole_body
from alchemove_codemods.rules.coroutines.wrapper import wrapper
from alchemove_codemods.syntax import parse
from alchemove_codemods.values import Instance


def run(
    outcome: Outcome,
    sources: Mapping[str, bytes],
    source_roots: Sequence[str],
    session_names: Sequence[str],
    wanted: frozenset[str],
    say: Callable[[str], None],
    options: Mapping[str, object],
    line_length: int | None = None,
    read_by_templates: Sequence[str] = (),
) -> None:
    """Fill *outcome* with what the stage changes in *wanted* files of *sources*, and what it finds.

    *options* is the table ``[tool.alchemove.async]``, with the recorded ``lazy_loads``, the ``templates``, the version of
    ``fastapi`` and whether ``pydantic`` is of version 1; lines that become longer than *line_length* are broken; *read_by_templates* are the attributes that templates
    read or call.
    """
    program = Program(sources, source_roots, read_by_templates)
    say("interpreting the program")
    knowledge = survey(program, session_names, line_length)
    broken: dict[ModuleFacts, str] = {}
    to_thread, seen = options.get("to_thread") is True, options.get("lazy_loads", ())
    recorded = [r for r in seen if isinstance(r, Recorded)] if isinstance(seen, tuple) else []
    texts = options.get("templates", ())
    fastapi = options.get("fastapi")
    version = (int(fastapi[0]), int(fastapi[1])) if isinstance(fastapi, (tuple, list)) else None
    templates = [(str(path), str(text)) for path, text in texts] if isinstance(texts, tuple) else []
    while True:
        say("colouring")
        colours = Colours(
            knowledge,
            wanted,
            broken,
            to_thread=to_thread,
            copying=options.get("copy_dependencies") is True,
            recorded=recorded,
            templates=templates,
            fastapi=version,
            first_pydantic=options.get("pydantic") == 1,
        )
        say("rewriting")
        failed = _write(outcome, colours, wanted, version)
        if not failed.keys() - broken.keys():
            break
        # What is tied to a file whose edits do not fit has to stay as well, so everything is decided again.
        broken.update(failed)
        outcome.changed.clear()
    found = (*findings(colours), *loads.findings(colours), *pointed_out(colours))
    outcome.findings.extend(f for f in found if f.path in wanted)
    outcome.problems.extend(sorted(p for p in program.problems.values() if p.path in wanted))


def _write(
    outcome: Outcome, colours: Colours, wanted: frozenset[str], version: tuple[int, int] | None
) -> dict[ModuleFacts, str]:
    """Put the new content of every changed file into *outcome*; gives the files whose edits do not fit, and why."""
    failed: dict[ModuleFacts, str] = {}
    for module in list(colours.knowledge.program.loaded()):
        if module.path not in wanted or colours.layer is None:
            continue
        try:
            new = _rewritten(colours, module, version)
        except (Conflict, SyntaxError) as error:
            failed[module] = f"{type(error).__name__}: {error}"
            continue
        if new != module.source.raw:
            outcome.changed[module.path] = new
    return failed


def _rewritten(colours: Colours, module: ModuleFacts, version: tuple[int, int] | None) -> bytes:
    source = module.source
    edits = Edits(source)
    imports = Imports(module, colours.knowledge.program)
    file = File(colours, module, edits, imports)
    # What is added to a statement belongs inside of what is put around it.
    eager_load(file)
    emptied(file)
    for function, plan in colours.plans.items():
        if function.module is module:
            async_function(file, function, plan)
            await_call(file, plan)
            commit_call(file, plan)
            generator_expression(file, plan)
            async_generator(file, function, plan)
            run_sync(file, plan)
            background_task(file, plan)
            thread_call(file, plan)
            response_model(file, plan)
            session_block(file, plan)
    refreshed(file)
    converted(file)
    rollback_call(file)
    wrapper(file)
    whole_body(file)
    discard_uncommitted(file)
    exec_call(file)
    dependency_override(file)
    test_call(file)
    for found in colours.moved:
        if found.function.module is module:
            to_thread(file, found)
    session_dependency(file)
    watching_dependency(file)
    divided_dependency(file)
    if version is not None and responds_first(version):
        response_order(file)
    if not len(edits):
        return source.raw
    text = edits.apply()
    imports.keep_used(edits.rendered)
    imports.drop_unneeded(_needless(colours, module), text)
    imports.add_edits(edits)
    text = aligned(edits, colours.knowledge.line_length)
    # Edits that do not fit together are found here, before the text is read for its brackets.
    parse(text)
    text = fitted(source.text, text, colours.knowledge.line_length)
    parse(text)
    return source.encode(text)


def _needless(colours: Colours, module: ModuleFacts) -> list[str]:
    """The imported names that the rewriting may have left without a use."""
    unused = {"Session", "Depends", "contextmanager", "Iterator", "Iterable", "Generator"} | {
        i.provider.name for i in colours.injected.values() if i.provider is not None
    }
    # A shim gives what it keeps under another name.
    unused |= {last_name(i.call.args[0]) or "" for i in colours.injected.values() if i.call.args}
    # ``db: Session = DBSession`` named what stands in another file.
    unused |= {last_name(d) or "" for i in colours.injected.values() if (d := default_of(i.function, i.parameter))}
    if colours.layer is not None:
        unused |= {colours.layer.names.get("sync_session", "")}
    imported = [n for n, bindings in module.bindings.items() if len(bindings) == 1 and bindings[0].kind == "import"]
    # ``Depends(database.get_db)`` named an object.
    holding = {_root(i.call.args[0]) for i in colours.injected.values() if i.call.args}
    values = {name: colours.knowledge.static(module, ast.Name(name, ast.Load())) for name in imported}
    return [
        name
        for name, value in values.items()
        if module.bindings[name][0].attribute in unused
        or of_factory(value)
        or (name in holding and isinstance(value, Instance))
        if not colours.uses.is_said(module, name)
    ]


def _root(node: ast.expr) -> str | None:
    """The name that *node*, an attribute, is taken of."""
    match node:
        case ast.Attribute(value=ast.Name(id=name)):
            return name
    return None
