"""connection-execute: strings and parameters as ``Connection.execute`` took them.

    connection.execute("select ... where id = ?", (1,))        ->  connection.exec_driver_sql("select ... where id = ?", (1,))
    connection.scalar("select 1")                              ->  connection.exec_driver_sql("select 1").scalar()
    connection.execute(users.insert(), {"id": 1}, {"id": 2})   ->  connection.execute(users.insert(), [{"id": 1}, {"id": 2}])
    connection.execute(stmt, id=1)                             ->  connection.execute(stmt, {"id": 1})

A string went to the driver as it is, so it is ``exec_driver_sql``: with ``text()`` a colon in it would become a parameter. Parameters that
cannot be told to be one row or several are refused.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.removed import textual
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.rewrite.views import Refusal, Refused
from alchemove_codemods.rules.removed.execute_text import only_text
from alchemove_codemods.values import Plain, is_text


@rule(
    "connection-execute",
    stage="select",
    reasons={
        "driver-parameters": "It cannot be told whether the parameters are one row or several, which decides what 2.0 takes. Write one row as a tuple or dictionary, several as a list of those."
    },
)
def connection_execute(gone: Gone) -> Refusal | None:
    """``exec_driver_sql`` for strings; parameters as one object."""
    call = gone.call
    if not call.args or isinstance(call.args[0], ast.Starred):
        return Refusal("removed-arguments")
    statement = call.args[0]
    value = gone.value(statement)
    driver = only_text(gone, statement)
    if not driver and textual(statement, value):
        return Refusal("statement-kind")
    if gone.method == "scalars" and driver:
        return Refusal("removed-arguments", "scalars")
    parameters(gone, driver)
    if driver:
        gone.rename("exec_driver_sql")
        if gone.method == "scalar":
            gone.insert(gone.end(call), ".scalar()")
    return None


def parameters(gone: Gone, driver: bool) -> None:
    """Edit what follows the statement into one argument."""
    call = gone.call
    rest, keywords = call.args[1:], call.keywords
    if any(isinstance(a, ast.Starred) for a in rest) or (rest and keywords):
        raise Refused("removed-arguments")
    if keywords:
        gone.check_gaps()
        if len(keywords) == 1 and keywords[0].arg is None:
            gone.replace(gone.start(keywords[0]), gone.start(keywords[0].value), "")
            return
        for keyword in keywords:
            if keyword.arg is not None:
                gone.replace(gone.start(keyword), gone.start(keyword.value), f'"{keyword.arg}": ')
        gone.insert(gone.start(keywords[0]), "{")
        gone.insert(gone.end(keywords[-1]), "}")
        return
    if len(rest) > 1:
        gone.check_gaps()
        brackets = (
            "[]" if isinstance(rest[0], (ast.Dict, ast.Tuple, ast.List)) else "()" if _scalar(gone, rest[0]) else None
        )
        if brackets is None or (brackets == "[]" and any(isinstance(a, ast.List) for a in rest)):
            raise Refused("driver-parameters")
        gone.insert(gone.start(rest[0]), brackets[0])
        gone.insert(gone.end(rest[-1]), brackets[1])
    elif rest and driver:
        _check_one(gone, rest[0])


def _check_one(gone: Gone, node: ast.expr) -> None:
    """One argument is taken as it is if it reads the same before and after."""
    match node:
        case ast.Dict():
            return
        case ast.Tuple(elts=[first, *_]) if _scalar(gone, first):
            return
        case ast.List(elts=[*rows]) if rows and all(isinstance(r, (ast.Dict, ast.Tuple)) for r in rows):
            return
        case ast.ListComp(elt=ast.Dict() | ast.Tuple()):
            return
        case ast.List(elts=[first, *_]) if _scalar(gone, first):
            gone.replace(gone.start(node), gone.start(node) + 1, "(")
            gone.replace(gone.end(node) - 1, gone.end(node), ",)" if len(node.elts) == 1 else ")")
            return
        case _ if _scalar(gone, node):
            gone.wrap(node, "(", ",)")
            return
    raise Refused("driver-parameters")


def _scalar(gone: Gone, node: ast.expr) -> bool:
    """Whether *node* is certainly a single value."""
    if isinstance(node, (ast.Constant, ast.JoinedStr)):
        return True
    value = gone.value(node)
    return is_text(value) or (isinstance(value, Plain) and value.literal is not None)
