"""case-list: ``case([...])``.

    case([(User.id == 1, "a")], else_="b")       ->  case((User.id == 1, "a"), else_="b")
    case(whens, else_="b")                       ->  case(*whens, else_="b")                  where whens is a list
    case([(1, "a")], User.id, "b")               ->  case((1, "a"), value=User.id, else_="b")

A dictionary of values is still taken as it is.
"""

from __future__ import annotations

import ast

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.rewrite.views import Refusal


@rule(
    "case-list",
    stage="select",
    reasons={
        "case-whens": "The conditions of case() are not written as a list of tuples, so it cannot be told how to pass them one by one."
    },
)
def case_list(gone: Gone) -> Refusal | None:
    """Conditions as arguments of their own."""
    call = gone.call
    if any(isinstance(a, ast.Starred) for a in call.args) or len(call.args) > 3:
        return Refusal("case-whens")
    whens = call.args[0] if call.args else gone.keywords.get("whens")
    if whens is None or isinstance(whens, ast.Dict) or (isinstance(whens, ast.List) and not whens.elts):
        return Refusal("case-whens")
    if not call.args:
        keyword = next(k for k in call.keywords if k.value is whens)
        if keyword is not call.keywords[0]:
            return Refusal("case-whens")
        gone.replace(gone.start(keyword), gone.start(whens), "")
    if isinstance(whens, ast.List):
        gone.unpack(whens)
    else:
        gone.insert(gone.start(whens), "*")
    for name, argument in zip(("value", "else_"), call.args[1:]):
        gone.insert(gone.start(argument), f"{name}=")
    return None
