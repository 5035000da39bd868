"""Loader options that name attributes by text, with the attributes in the places of the texts."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import text_options
from alchemove_codemods.analysis.names import LOADER_OPTIONS
from alchemove_codemods.facts import ClassFacts, last_name
from alchemove_codemods.rewrite.views import Refused, View
from alchemove_codemods.values import Class, State, Value


def attributes_of(view: View, state: State, node: ast.expr) -> str | None:
    """The loader option *node* of a query in *state* with attributes in the places of texts; None if it has no text.

    Raises:
        Refused: it is not known what a text means, or how the attribute is written here.
    """
    texts = _texts(node)
    if not isinstance(node, ast.Call) or not texts:
        return None
    if all(text in view.file.knowledge.option_texts for text in texts):
        return _spliced(view, node, _resolved(view, state, node))
    columns = last_name(node.func) in text_options.OF_COLUMNS and len(text_options.levels(node)) == 1
    if not columns or len(texts) != len(node.args) or any("." in text for text in texts.values()):
        raise Refused("string-options", ast.unparse(node))
    elements = state.elements or ()
    owner = _name(view, state, elements[0].value if elements else None)
    source = view.file.module.source
    return _spliced(view, node, [(source.start(n), source.end(n), f"{owner}.{name}") for n, name in texts.items()])


def _is_option(node: ast.Call) -> bool:
    return last_name(node.func) in LOADER_OPTIONS


def _texts(node: ast.expr) -> dict[ast.expr, str]:
    """The attributes that a loader option names by text."""
    if not isinstance(node, ast.Call) or not _is_option(node):
        return {}
    found = {
        argument: text_options.text_of(argument)
        for level in text_options.levels(node)
        if _is_option(level) and last_name(level.func) not in ("undefer_group", "with_expression")
        for argument in level.args
    }
    return {argument: text for argument, text in found.items() if text is not None}


def _resolved(view: View, state: State, node: ast.Call) -> list[tuple[int, int, str]]:
    """What takes the place of the texts in *node*: attributes, and a ``defaultload()`` for each step of a path on the way."""
    source, edits = view.file.module.source, []
    first = text_options.first_class(state)
    for at, level in enumerate(text_options.levels(node)):
        for argument in level.args:
            text = text_options.text_of(argument)
            if text is None:
                continue
            owners = view.file.knowledge.option_texts.get(argument)
            method = last_name(level.func) or ""
            if owners is None or (at == 0 and owners[0] is not first):
                raise Refused("string-options", ast.unparse(node))
            parts = text.split(".")
            if len(parts) > 1 and (at or len(level.args) > 1 or method == "contains_eager" or _given_twice(view, text)):
                raise Refused("string-options", ast.unparse(node))
            if len(level.args) > 1 and method in text_options.OF_RELATIONSHIPS:
                raise Refused("string-options", ast.unparse(node))
            names = [_owner(view, state, owner, at == 0 and n == 0) for n, owner in enumerate(owners)]
            written = [f"{owner}.{part}" for owner, part in zip(names, parts)]
            edits.append((source.start(argument), source.end(argument), written[-1]))
            if written[:-1]:
                end = source.end(level.func)
                path = ".".join(f"defaultload({each})" for each in written[:-1])
                edits.append((source.start(level.func), end, f"{_beside(view, level.func)}{path}.{method}"))
    return edits


def _given_twice(view: View, path: str) -> bool:
    """Whether the dotted *path* may be given two strategies: of texts the first one counts, of attributes the last."""
    chain = view.chain
    if chain.creation is None and "options" in chain.query.state.may:
        return True
    options = [n for s in chain.steps if s.method == "options" for n in ast.walk(s.node) if isinstance(n, ast.Call)]
    return [_path(option) for option in options if _is_option(option)].count(path) > 1


def _path(option: ast.Call) -> str:
    """The names that *option* goes along, whether written as texts or as attributes."""
    named = (level.args[0] for level in text_options.levels(option) if level.args)
    return ".".join(text_options.text_of(argument) or last_name(argument) or "" for argument in named)


def _beside(view: View, option: ast.expr) -> str:
    """What stands before ``defaultload`` where *option* is how another loader option is written: ``db.`` of ``db.joinedload``."""
    if isinstance(option, ast.Attribute):
        return f"{view.text(option.value)}."
    return view.name("defaultload", "sqlalchemy.orm")[: -len("defaultload")]


def _owner(view: View, state: State, cls: ClassFacts, own: bool) -> str:
    """How the class is written that has an attribute; *own* says that it is what the query selects."""
    name = _name(view, state, Class(cls)) if own else view.name_of_entity(Class(cls))
    if name is None:
        raise Refused("string-options", cls.name)
    return name


def _spliced(view: View, node: ast.expr, edits: list[tuple[int, int, str]]) -> str:
    """The text of *node* with *edits* (start, end, text) made in it."""
    source = view.file.module.source
    at, end = source.start(node), source.end(node)
    if view.text(node) != source.text[at:end]:
        raise Refused("string-options", ast.unparse(node))  # something else is rewritten in it
    pieces = []
    for start, stop, text in sorted(edits):
        pieces += [source.text[at:start], text]
        at = stop
    return "".join([*pieces, source.text[at:end]])


def _name(view: View, state: State, entity: Value | None) -> str:
    """How the class is written whose attributes a text names: as the argument of ``query()``, or by its name."""
    creation, name = view.chain.creation, None
    if isinstance(entity, Class):
        first = creation.arguments[0] if creation is not None and creation.arguments else None
        own = isinstance(first, ast.Name) and "with_entities" not in state.may
        name = view.text(first) if first is not None and own else view.name_of_entity(entity)
    if name is None:
        raise Refused("string-options")
    return name
