"""What the program puts in the place of methods of queries and sessions: ``Query.paginate = paginate``, ``setattr(Session, "query", filtered)``.

Whatever such a method did is unknown from then on, and so is what calls it. Tests that do so are reported (``mocked``), they hold nothing back.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.names import MODEL_BASES, ORM_PACKAGES
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.searching import AnyOf
from alchemove_codemods.test_files import is_test_file
from alchemove_codemods.values import Bottom, External, Session, Unknown

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_GIVING = AnyOf(
    # attributes of what is called like a session, or is the class of queries
    rb"ession\.(?<=[Ss]ession\.)\w+ *=(?!=)",
    rb"Query\.\w+ *=(?!=)",
    rb"s\.(?<=\bs\.)\w+ *=(?!=)",
    rb"sess\.(?<=\bsess\.)\w+ *=(?!=)",
    rb"db\.(?<=\bdb\.)\w+ *=(?!=)",
    rb"setattr(?<=\bsetattr)\([^()]*?(?:[Ss]ession|Query|\b(?:s|sess|db)) *,",
    # ``query`` of anything
    rb"\.query *=(?!=)",
    rb"query(?<=\bquery) *= *lambda",
    rb"query[\"'](?<=[\"']query[\"']) *(?:\] *=(?!=)|,)",
    rb"__dict__",
    rb"vars\((?<=\bvars\()",
)
CALLED_LIKE_ONE = re.compile(r"(?:^|_)(?:session|sess|db|s)$|Session$", re.IGNORECASE)
"""What sessions are called."""


def of_queries(knowledge: Knowledge) -> frozenset[str]:
    """The methods of every query that the program replaces."""
    return _replaced(knowledge)[0]


def of_sessions(knowledge: Knowledge) -> str | None:
    """How the program replaces ``query`` of a session or of all, None if it does not."""
    return _replaced(knowledge)[1]


def _replaced(knowledge: Knowledge) -> tuple[frozenset[str], str | None]:
    if knowledge.replaced is None:
        queries: set[str] = set()
        session: str | None = None
        for path in knowledge.program.mentioning(
            b".query =", b".query=", b"Query.", b"setattr", b"query=", b"__dict__"
        ):
            raw = knowledge.program.raw[path]
            wanted = not is_test_file(path) and _GIVING.is_in(raw)
            if not wanted or (module := knowledge.program.module(path)) is None:
                continue
            for owner, name in assigned(module):
                if _is_query(knowledge, module, owner):
                    queries.add(name)
                elif name == "query" and is_session(knowledge, module, owner):
                    session = f"{ast.unparse(owner)}.query"
            for owner in _given_functions(knowledge, module):
                session = f"{ast.unparse(owner)}.query"
        knowledge.replaced = frozenset(queries), session
    return knowledge.replaced


def assigned(module: ModuleFacts) -> Iterator[tuple[ast.expr, str]]:
    """What gets an attribute from outside in *module*, and the name of the attribute."""
    for statement in module.source.of_kind(ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Attribute):
                yield target.value, target.attr
    for call in module.source.of_kind(ast.Call):
        match call:
            case ast.Call(func=ast.Name(id="setattr"), args=[owner, ast.Constant(value=str(name)), _]):
                yield owner, name


def _given_functions(knowledge: Knowledge, module: ModuleFacts) -> Iterator[ast.expr]:
    """What in *module* gets a function as its ``query`` and may be a session, whatever it is called: ``def patch(x): x.query = lambda ...``."""
    for owner, value in _attributes_query(module):
        known = knowledge.static(module, owner)
        may_be = isinstance(known, (Unknown, Bottom, Session)) or (
            isinstance(known, External) and known.top in ORM_PACKAGES and known.name not in MODEL_BASES
        )
        if may_be and last_name(owner) not in ("self", "cls") and is_function(module, value):
            yield owner


def _attributes_query(module: ModuleFacts) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What gets an attribute ``query`` from outside in *module*, and what it gets."""
    for statement in module.source.of_kind(ast.Assign):
        for target in statement.targets:
            match target:
                case (
                    ast.Attribute(value=owner, attr="query")
                    | ast.Subscript(
                        value=ast.Attribute(value=owner, attr="__dict__"), slice=ast.Constant(value="query")
                    )
                ):
                    yield owner, statement.value
    for call in module.source.of_kind(ast.Call):
        match call:
            case ast.Call(
                func=ast.Name(id="setattr") | ast.Attribute(attr="__setattr__"),
                args=[owner, ast.Constant(value="query"), value],
            ):
                yield owner, value
            case ast.Call(
                func=ast.Attribute(
                    attr="update",
                    value=ast.Attribute(value=owner, attr="__dict__")
                    | ast.Call(func=ast.Name(id="vars"), args=[owner]),
                )
            ):
                yield from ((owner, keyword.value) for keyword in call.keywords if keyword.arg == "query")
            case ast.Call(args=[ast.Name() | ast.Attribute() as owner, *_]) if CALLED_LIKE_ONE.search(
                last_name(owner) or ""
            ):
                yield from ((owner, keyword.value) for keyword in call.keywords if keyword.arg == "query")


def is_function(module: ModuleFacts, node: ast.expr) -> bool:
    """Whether *node* is a function that *module* defines, or makes of another one."""
    match node:
        case ast.Lambda():
            return True
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
            return any(function.name == name for function in module.functions.values())
        case ast.Call(args=[_, *_]):
            return last_name(node.func) in ("MethodType", "partial", "partialmethod", "wraps")
    return False


def is_session(knowledge: Knowledge, module: ModuleFacts, owner: ast.expr) -> bool:
    """Whether *owner* is a session, a class of sessions, or called like one."""
    if not CALLED_LIKE_ONE.search(last_name(owner) or ""):
        return False
    match knowledge.static(module, owner):
        case External(top=top):
            return top in ORM_PACKAGES
        case Session(flavour=flavour):
            return flavour != "async"
    return True


def _is_query(knowledge: Knowledge, module: ModuleFacts, owner: ast.expr) -> bool:
    """Whether *owner* is the class of queries itself."""
    if not (last_name(owner) or "").endswith("Query"):
        return False
    match knowledge.static(module, owner):
        case External(last="Query" | "BaseQuery", top=top):
            return top in ORM_PACKAGES
    return False
