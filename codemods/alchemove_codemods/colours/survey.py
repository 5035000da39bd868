"""What every expression of the program is: all of it interpreted, as the decision about colours needs."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from alchemove_codemods.analysis.annotations import annotated
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.occurrences import Occurrences, called_from_outside
from alchemove_codemods.analysis.parameters import is_another_session
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.values import Instance, Rows, Session, Value, parts

_ROUNDS = 6
_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})


class _Calls(Occurrences):
    """What a context manager is given stands where it is made, whoever enters it."""

    def is_open(self, function: FunctionFacts) -> bool:
        """As for any function, whose calls such a decorator leaves what they are."""
        return called_from_outside(self._knowledge, function, lambda _, decorator: last_name(decorator) in _MANAGERS)


def survey(program: Program, session_names: Iterable[str] = (), line_length: int | None = None) -> Knowledge:
    """Interpret every function of *program* until nothing changes.

    Returns:
        Knowledge whose ``observed`` holds the value of every expression, by the function it stands in.
    """
    knowledge = Knowledge(program, session_names, line_length)
    knowledge.observing = True
    for path in program.raw:
        if (module := program.module(path)) is not None:
            knowledge.require(module.body)
            for function in list(module.functions.values()):
                knowledge.require(function)
    occurrences = _Calls(knowledge)
    for _ in range(_ROUNDS):
        knowledge.solve()
        occurrences.forget()
        grown = [f for f in _unannotated(knowledge) if occurrences.closed(f)]
        if not grown:
            break
        for function in grown:
            knowledge.trusted.add(function)
            knowledge.schedule(function)
    knowledge.give_up()
    knowledge.solve()
    return knowledge


def _unannotated(knowledge: Knowledge) -> list[FunctionFacts]:
    """Functions with parameters that only their callers say something about, and something that matters."""
    return [
        function
        for function in knowledge.assumed - knowledge.trusted
        if any(
            _says_nothing(knowledge, function, parameter)
            and _matters(knowledge.read("parameter", function, parameter.arg, None))
            for parameter in function.parameters
        )
    ]


def _says_nothing(knowledge: Knowledge, function: FunctionFacts, parameter: ast.arg) -> bool:
    """Whether *parameter* has no annotation, or one that is a mistake."""
    if parameter.annotation is None or last_name(parameter.annotation) != "Session":
        return parameter.annotation is None
    said = annotated(knowledge, function.module, parameter.annotation, function.owner)
    return is_another_session(said, parameter.arg)


def _matters(value: Value) -> bool:
    return any(isinstance(v, (Session, Instance, Rows)) for v in parts(value))
