"""Queries that a template is given, which goes through them: ``render_template("users.html", users=query)``."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import query_classes
from alchemove_codemods.analysis.arguments import Argument
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.records import Iteration
from alchemove_codemods.template_names import likely_paths_of
from alchemove_codemods.values import Query

_RENDERING = frozenset({"flask.render_template", "flask.templating.render_template"})


def is_gone_through(frame: Frame, node: ast.Call, function: str, argument: Argument) -> bool:
    """Whether *node*, a call of the library's *function*, hands *argument* to a template that goes through it once; records that it does."""
    if function not in _RENDERING or argument.name is None or argument.starred or not isinstance(argument.value, Query):
        return False
    match node.args:
        case [ast.Constant(value=str(name))]:
            loops = frame.knowledge.program.template_loops
            found = likely_paths_of(name, loops)
        case _:
            return False
    if not found or not all(argument.name in loops[path] for path in found):
        return False
    if query_classes.overrides(frame.knowledge, argument.value, "__iter__"):
        return False
    frame.note(Iteration(argument.node, argument.value, frame.function, shown=True))
    return True
