"""Tests that put something else in the place of a query: after the rewrite nobody asks for it any more.

``patch("shop.views.User.query")``, ``patch.object(User, "query")``, ``monkeypatch.setattr(User, "query", FakeQuery())``,
``patch("flask_sqlalchemy.model._QueryProperty.__get__")``, ``patch("sqlalchemy.orm.Query.all")``, ``session.query = Mock()``,
``mock_session.query.side_effect = OperationalError``, ``class FakeSession`` with a method ``query``, and the chains of ``mocked_chains``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.mocked_chains import TOLD, mocked_chains
from alchemove_codemods.analysis.names import ORM_PACKAGES
from alchemove_codemods.analysis.records import Suspect
from alchemove_codemods.analysis.replaced import CALLED_LIKE_ONE, assigned, is_session
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.searching import AnyOf
from alchemove_codemods.test_files import is_test_file
from alchemove_codemods.values import Class, External

_NAMED_QUERY = rb"\([^()]*?(?:[\"'](?:[\w.]*\.)?(?:query\b|_QueryProperty)|Query\b)"
_PATCHING = AnyOf(
    rb"patch(?<=\bpatch)(?:\.object)?" + _NAMED_QUERY,
    rb"setattr(?<=\bsetattr)" + _NAMED_QUERY,
    rb"\.query(?:(?<=ession\.query)|(?<=\bs\.query)|(?<=\bsess\.query)|(?<=\bdb\.query)) *=(?!=)",
    rb"\.query\.(?:return_value|side_effect) *=(?!=)",
)
_STAND_IN = re.compile(r"_?(?:mocked|mock|fake|stub)_?")
_LIKE_A_SESSION = re.compile(r"(?i)sess|db|database")
_OF_SESSIONS = frozenset({"add", "commit", "flush", "rollback", "refresh"})
"""Methods that a session has, and few other things that have a method ``query``."""
_QUERY_CLASS = re.compile(r"(?:^|\.)(?:Base)?Query$")


def note_mocked(knowledge: Knowledge) -> None:
    """Note each call that replaces ``query`` of a session or a mapped class."""
    program = knowledge.program
    for path in program.mentioning(
        b"patch", b".setattr(", b".query =", b".query=", b".query.return_value", b".query.side_effect"
    ):
        raw = program.raw[path]
        if b"uery" not in raw or not _PATCHING.is_in(raw) or (module := program.module(path)) is None:
            continue
        for node in _replacing(knowledge, module):
            _note(knowledge, module, node)
    for path in program.mentioning(b".return_value", b".side_effect", b".assert_", b".call"):
        if b".query" in program.raw[path] and is_test_file(path) and (module := program.module(path)) is not None:
            for query in mocked_chains(module):
                _note(knowledge, module, query)
    for path in program.mentioning(b"def query("):
        if is_test_file(path) and (module := program.module(path)) is not None:
            for method in _stand_ins(module):
                _note(knowledge, module, method)


def _note(knowledge: Knowledge, module: ModuleFacts, node: ast.expr | ast.FunctionDef) -> None:
    record = Suspect(node, "mocked-query", "mocked-query", module.body)
    knowledge.records.setdefault(module.body, {})[node, "Suspect"] = record


def _stand_ins(module: ModuleFacts) -> Iterator[ast.FunctionDef]:
    """The methods ``query`` of classes of *module* that stand in for sessions: without a base, and called like one."""
    for cls in module.source.of_kind(ast.ClassDef):
        methods = {each.name: each for each in cls.body if isinstance(each, ast.FunctionDef)}
        if not cls.bases and _LIKE_A_SESSION.search(cls.name) and "query" in methods and _OF_SESSIONS & methods.keys():
            yield methods["query"]


def _replacing(knowledge: Knowledge, module: ModuleFacts) -> Iterator[ast.expr]:
    for node in module.source.of_kind(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(attr="object" | "setattr"), args=[owner, ast.Constant(value="query"), *_]):
                if _is_owner(knowledge, module, owner):
                    yield node
            case ast.Call(func=ast.Attribute(attr="object" | "setattr"), args=[owner, ast.Constant(value=str()), *_]):
                match knowledge.static(module, owner):
                    case External(last="Query" | "BaseQuery", top=top) if top in ORM_PACKAGES:
                        yield node
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]):
                if last_name(function) in ("patch", "setattr") and _names_query(knowledge, module, name):
                    yield node
    if is_test_file(module.path):
        for owner, name in assigned(module):
            match owner:
                case _ if name == "query" and is_session(knowledge, module, owner):
                    yield owner
                case ast.Attribute(attr="query", value=holder) if name in TOLD:
                    if CALLED_LIKE_ONE.search(_STAND_IN.sub("", last_name(holder) or "")):
                        yield owner


def _is_owner(knowledge: Knowledge, module: ModuleFacts, owner: ast.expr) -> bool:
    """Whether the ``query`` of *owner* makes queries: it is a mapped class, or called like a session."""
    name = last_name(owner) or ""
    value = knowledge.static(module, owner)
    match value:
        case Class(facts=facts):
            return knowledge.models.is_mapped(facts)
        case External(name=origin) if origin.split(".")[0] in ORM_PACKAGES:
            return True
    return bool(CALLED_LIKE_ONE.search(name)) or _is_mapped_somewhere(knowledge, name)


def _names_query(knowledge: Knowledge, module: ModuleFacts, text: str) -> bool:
    """Whether *text* is the dotted name of the ``query`` of a session or a mapped class, or of something that it has."""
    parts = text.split(".")
    if parts[0] in ORM_PACKAGES:
        return not {"query", "_QueryProperty"}.isdisjoint(parts) or bool(_QUERY_CLASS.search(".".join(parts[:-1])))
    if "query" not in parts[1:]:
        return False
    owner = parts[: parts.index("query")]
    path = knowledge.program.find_module(".".join(owner[:-1]), module.path)
    facts = knowledge.program.module(path) if path is not None else None
    value = knowledge.program.lookup(facts, owner[-1]) if facts is not None else None
    if isinstance(value, Class):
        return knowledge.models.is_mapped(value.facts)
    return bool(CALLED_LIKE_ONE.search(owner[-1])) or (facts is None and _is_mapped_somewhere(knowledge, owner[-1]))


def _is_mapped_somewhere(knowledge: Knowledge, name: str) -> bool:
    """Whether the program has a mapped class of that *name*: tests import inside of functions."""
    modules = map(knowledge.program.module, knowledge.program.defining.get(name, ()))
    return any(
        cls.name == name and knowledge.models.is_mapped(cls)
        for module in filter(None, modules)
        for cls in module.classes.values()
    )
