"""Stand-ins for ``query()``: functions and methods that do no more than call it, ``def query(self, *a): return self.db.query(*a)``.

What such a function selects is for each caller to say, so a call of it is taken for the ``query(...)`` that it makes.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import facades, foreign, given_query, queries, states
from alchemove_codemods.analysis.annotations import session_flavour
from alchemove_codemods.analysis.elements import elements_of, initial
from alchemove_codemods.analysis.frame import Frame, stable_text
from alchemove_codemods.analysis.records import Creation
from alchemove_codemods.analysis.replaced import CALLED_LIKE_ONE
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.frozen import dataclass, replace
from alchemove_codemods.trees import walk
from alchemove_codemods.values import UNKNOWN, Class, External, Held, Instance, Query, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.arguments import Argument
    from alchemove_codemods.analysis.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Wrapper:
    """What is inside a stand-in: the call of ``query``, its session, and how the parameters are used.

    ``entities`` parameters are selected, ``rest`` says what becomes of ``*args``.
    """

    call: ast.Call
    session: ast.expr
    entities: tuple[str, ...]
    rest: str | None


def wrapper_of(function: FunctionFacts) -> Wrapper | None:
    """What *function* wraps if it is a stand-in, else None."""
    node = function.node
    if not isinstance(node, ast.FunctionDef) or function.decorators or node.args.kwonlyargs or node.args.defaults:
        return None
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    match body:
        case [ast.Return(value=ast.Call(func=ast.Attribute(value=session, attr="query"), args=selected) as call)]:
            criteria: list[ast.expr] = []
            keywords = call.keywords
        case [
            ast.Return(
                value=ast.Call(
                    func=ast.Attribute(
                        value=ast.Call(func=ast.Attribute(value=session, attr="query"), args=selected) as call,
                        attr="filter" | "where",
                    ),
                    args=criteria,
                    keywords=keywords,
                )
            )
        ] if not call.keywords:
            pass
        case _:
            return None
    own = [a.arg for a in (*node.args.posonlyargs, *node.args.args)][1 if function.is_method else 0 :]
    star = node.args.vararg.arg if node.args.vararg else None
    named, rest = _passed(selected, star)
    more, filtered = _passed(criteria, star)
    double = node.args.kwarg.arg if node.args.kwarg else None
    if any(not (k.arg is None and isinstance(k.value, ast.Name) and k.value.id == double) for k in keywords):
        return None
    if named is None or more != [] or named != own or (rest and filtered):
        return None
    if (star and not (rest or filtered)) or (isinstance(session, ast.Call) and last_name(session) == "super"):
        return None
    if not rest and function.name != "query":
        # What selects by its parameters alone becomes a function that gives a select().
        return None
    return Wrapper(call, session, tuple(named), "entities" if rest else "criteria" if filtered else None)


def _passed(arguments: list[ast.expr], star: str | None) -> tuple[list[str] | None, bool]:
    """The names among *arguments*, and whether ``*star`` ends them; None if there is anything else."""
    names = [a.id for a in arguments if isinstance(a, ast.Name)]
    match arguments[len(names) :]:
        case []:
            return names, False
        case [ast.Starred(value=ast.Name(id=name))] if name == star:
            return names, True
    return None, False


def may_be_stand_in(knowledge: Knowledge, receiver: ast.expr) -> bool:
    """Whether *receiver*, of which nothing is known, may be an object of a class of the program with a ``query`` that takes mapped classes.

    What such a class calls its session itself is one elsewhere as well, unless it is named like a session, too.
    """
    if knowledge.stand_ins is None:
        knowledge.stand_ins = _stand_ins(knowledge)
    names = knowledge.stand_ins
    return bool(names) and (last_name(receiver) not in names or None in names)


def _stand_ins(knowledge: Knowledge) -> frozenset[str | None]:
    """How the classes with such a ``query`` name the session that it calls; None stands for one that is named like a session."""
    found: set[str | None] = {None} if given_query.is_given(knowledge) else set()
    found.update(facades.hidden_sessions(knowledge))
    for path in knowledge.program.mentioning(b"def query(", b"def __getattr__("):
        module = knowledge.program.module(path)
        for function in module.functions.values() if module is not None else ():
            owner = function.owner
            if owner is None or function.name not in ("query", "__getattr__"):
                continue
            if session_flavour(knowledge, Class(owner)) is None:
                sessions = _sessions_of(function)
                found.update(sessions)
                if sessions and "session" in owner.name.lower():
                    found.add(None)
    return frozenset(found)


def _sessions_of(function: FunctionFacts) -> list[str]:
    """The names of what *function* hands its arguments to by ``query()``, or whose ``query`` it gives: ``return self.session.query``."""
    # A mixin whose ``query`` selects the class itself is asked for nothing else.
    own = {p.arg for p in function.parameters[0 if function.decorated("staticmethod") else 1 :]}
    found: list[str] = []
    for node in walk(function.node):
        match node:
            case ast.Return(value=ast.Attribute(value=session, attr="query")):
                found.append(last_name(session) or "")
            case ast.Call(func=ast.Attribute(value=session, attr="query"), args=[first, *_]):
                inner = first.value if isinstance(first, ast.Starred) else first
                if isinstance(inner, ast.Name) and inner.id in own:
                    found.append(last_name(session) or "")
    # The client of something else that has queries is none.
    return [name for name in found if "sess" in name.lower() or "db" in name.lower() or CALLED_LIKE_ONE.search(name)]


def called(
    frame: Frame, node: ast.Call, function: FunctionFacts, receiver: Value | None, arguments: list[Argument]
) -> Value | None:
    """The query that a call of the stand-in *function* makes, UNKNOWN if that cannot be told; None if it is no stand-in."""
    wrapper = wrapper_of(function)
    if wrapper is None:
        return None
    made = _made(frame, node, function, wrapper, receiver, arguments)
    if made is None:
        frame.suspect(node, "query-wrapper", "wrapper-call")
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-escapes")
        return UNKNOWN
    return made


def _made(
    frame: Frame,
    node: ast.Call,
    function: FunctionFacts,
    wrapper: Wrapper,
    receiver: Value | None,
    arguments: list[Argument],
) -> Value | None:
    if len(frame.knowledge.overriding(function)) > 1:
        return None
    if any(a.name is not None for a in arguments) or any(a.starred for a in arguments[: len(wrapper.entities)]):
        return None
    count = len(arguments) if wrapper.rest == "entities" else len(wrapper.entities)
    selected, criteria = arguments[:count], arguments[count:]
    if not selected or len(selected) < len(wrapper.entities) or (criteria and wrapper.rest != "criteria"):
        return None
    if not all(_proves(frame, node, v) for v in parts(selected[0].value)):
        return None
    at_once, held = _session(frame, node, function, wrapper.session, receiver)
    if at_once is None:
        return None
    for argument in arguments:
        frame.mention(argument.node, argument.value)
    elements = elements_of(selected, proved=True)
    state = initial(frame, elements).with_("unproved-session")
    if criteria:
        state = states.step_state(frame, state, "filter", node, criteria)
    query = Query(state, held)
    nodes = [a.node for a in selected]
    frame.note(
        Creation(
            node, "query-wrapper", None, query, frame.function, nodes,
            criteria=[a.node for a in criteria], run_by=at_once,
        )
    )  # fmt: skip
    return query


def _proves(frame: Frame, node: ast.Call, value: Value) -> bool:
    if isinstance(value, External):
        return foreign.acts_as_class(frame.knowledge, value) and value.last[:1].isupper()
    return queries.proves(frame, value)


def _session(
    frame: Frame, node: ast.Call, function: FunctionFacts, session: ast.expr, receiver: Value | None
) -> tuple[Held | None, Held | None]:
    """How the caller writes the session in the same expression, and how where the query is run later."""
    text = stable_text(session)
    made = isinstance(session, ast.Call) and not session.args and not session.keywords
    if text is None and isinstance(session, ast.Call) and made:
        inner = stable_text(session.func)
        text = f"{inner}()" if inner is not None else None
    if text is None:
        return None, None
    root = text.split(".", 1)[0].split("(", 1)[0].split("[", 1)[0]
    parameters = function.parameters
    if function.is_method and parameters and root == parameters[0].arg:
        if (
            not isinstance(receiver, Instance)
            or isinstance(receiver.cls, str)
            or not isinstance(node.func, ast.Attribute)
        ):
            return None, None
        knowledge = frame.knowledge
        if knowledge.stores.methods(knowledge.models.family(receiver.cls), function.name):
            # ``self.query = other.query``: what is called may belong to another object.
            return None, None
        outer = frame.held(node.func.value)
        held = replace(outer, text=outer.text + text[len(root) :]) if outer is not None else None
    elif function.outer is not None or any(a.arg == root for a in parameters) or root not in function.module.bindings:
        return None, None
    else:
        held = Held(text, root, None, function.module)
        outer = frame.held(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if outer is not None and function.owner is None:
            # ``db.query(...)`` of the module ``db``: its global is written behind it, too.
            held = replace(outer, text=f"{outer.text}.{text}")
    # What a call gave need not be what it gives again.
    return held, None if made else held
