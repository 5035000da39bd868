"""What a function binds by defining and importing inside itself."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.expressions import evaluate
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.facts import Binding
from alchemove_codemods.program import Program
from alchemove_codemods.values import (
    Class,
    queries_in,
)


def function(frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """A nested function: bound as a value, interpreted later with everything the outer one binds."""
    for decorator in node.decorator_list:
        frame.escape(decorator, evaluate(frame, decorator), "query-escapes")
    arguments = node.args
    for default in [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]:
        value = evaluate(frame, default)
        frame.escape(default, value, "query-stored")
    facts = frame.module.functions.get(node)
    if facts is not None and not isinstance(frame.function.node, ast.Module):
        frame.bind(node.name, frame.knowledge.function_value(facts, frame.module))


def class_(frame: Frame, node: ast.ClassDef) -> None:
    """A class: what its body evaluates, with the class as the scope."""
    cls = frame.module.classes.get(node)
    for base in node.bases:
        evaluate(frame, base)
    for decorator in node.decorator_list:
        evaluate(frame, decorator)
    for inner in node.body:
        match inner:
            case ast.Assign(targets=targets, value=value):
                result = evaluate(frame, value)
                if queries_in(result):
                    frame.escape(value, result, "query-stored")
                frame.scopes.append(
                    {name: result for t in targets for name in ([t.id] if isinstance(t, ast.Name) else [])}
                )
            case ast.AnnAssign(value=ast.expr() as value, target=target):
                result = evaluate(frame, value)
                frame.escape(value, result, "query-stored")
                frame.scopes.append({target.id: result} if isinstance(target, ast.Name) else {})
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for decorator in inner.decorator_list:
                    evaluate(frame, decorator)
                frame.scopes.append({})
            case ast.ClassDef():
                class_(frame, inner)
                frame.scopes.append({})
            case ast.Expr(value=value):
                evaluate(frame, value)
                frame.scopes.append({})
            case _:
                frame.scopes.append({})
    del frame.scopes[len(frame.scopes) - len(node.body) :]
    if cls is not None and not isinstance(frame.function.node, ast.Module):
        frame.bind(node.name, Class(cls))


def import_(frame: Frame, node: ast.Import | ast.ImportFrom) -> None:
    """An import inside a function."""
    if isinstance(frame.function.node, ast.Module):
        return
    program: Program = frame.knowledge.program
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.split(".")[0]
            binding = Binding("import", node, alias.name if alias.asname else name)
        elif alias.name == "*":
            continue
        else:
            name = alias.asname or alias.name
            binding = Binding("import", node, node.module or "", alias.name, node.level)
        frame.bind(name, program.imported(binding, frame.module))
