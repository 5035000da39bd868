"""Names that are put together where they are looked up: ``getattr(self, f"by_{key}")``, ``globals()["query_" + kind]``.

Whoever does so may mean every function whose name has these parts, of the object or module that is asked.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.places import functions_at
from alchemove_codemods.facts import FunctionFacts, ModuleFacts
from alchemove_codemods.values import Class, Function, Instance, Module

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_LETTERS = 2
"""So many of a name have to be written out: whatever else is looked up may be anything, and is no use of a certain function."""


@dataclass(frozen=True, slots=True)
class _LookUp:
    module: ModuleFacts
    node: ast.Call | ast.Subscript
    owner: ast.expr | None
    """What is asked, None for the module itself."""
    name: re.Pattern[str]


class Spelled:
    """Tells which functions may be looked up so."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._known: list[_LookUp] | None = None

    def may_mean(self, function: FunctionFacts) -> bool:
        """Whether a name that is put together somewhere may be that of *function*."""
        if function.outer is not None:
            return False
        if self._known is None:
            self._known = self._found()
        return any(each.name.fullmatch(function.name) and self._asks(each, function) for each in self._known)

    def _found(self) -> list[_LookUp]:
        program = self._knowledge.program
        found: list[_LookUp] = []
        for path in program.mentioning(b"getattr(", b"globals()["):
            module = program.module(path)
            if module is None:
                continue
            owner: ast.expr | None
            for node in (*module.source.of_kind(ast.Call), *module.source.of_kind(ast.Subscript)):
                match node:
                    case ast.Call(func=ast.Name(id="getattr"), args=[owner, text, *_]):
                        pass
                    case ast.Subscript(value=ast.Call(func=ast.Name(id="globals"), args=[]), slice=text):
                        owner = None
                    case _:
                        continue
                written = _pattern(text)
                if written is not None:
                    found.append(_LookUp(module, node, owner, re.compile(written)))
        return found

    def _asks(self, look_up: _LookUp, function: FunctionFacts) -> bool:
        """Whether what *look_up* asks is known to have *function*."""
        program, owner, module = self._knowledge.program, look_up.owner, look_up.module
        if owner is None:
            return self._is(program.lookup(module, function.name), function)
        if function.owner is None:
            match self._knowledge.static(module, owner):
                case Module(facts=facts):
                    return self._is(program.lookup(facts, function.name), function)
            return False
        related = self._knowledge.models.family(function.owner).classes
        for around in functions_at(module, {look_up.node.lineno}):
            own = around.parameters[0].arg if around.is_method and around.parameters else None
            if isinstance(owner, ast.Name) and owner.id == own:
                return around.owner in related
        match self._knowledge.static(module, owner):
            case Class(facts=cls) | Instance(cls=cls):
                return cls in related
        return False

    @staticmethod
    def _is(value: object, function: FunctionFacts) -> bool:
        return isinstance(value, Function) and value.facts is function


def _pattern(text: ast.expr) -> str | None:
    """The pattern of the names that *text* may be, None if too little of them is written there."""
    parts: Sequence[object]
    match text:
        case ast.JoinedStr(values=values):
            parts = [v.value if isinstance(v, ast.Constant) else None for v in values]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            parts = [v.value if isinstance(v, ast.Constant) else None for v in (left, right)]
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(whole))):
            parts = _between(re.split(r"%(?:\(\w+\))?[sdr]", whole))
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(whole)), attr="format")):
            parts = _between(re.split(r"\{[^{}]*\}", whole))
        case _:
            return None
    if sum(len(part) for part in parts if isinstance(part, str)) < _LETTERS:
        return None
    return "".join(re.escape(part) if isinstance(part, str) else r"\w*" for part in parts)


def _between(written: list[str]) -> list[str | None]:
    """*written*, with something unknown between each two."""
    return [each for part in written for each in (None, part)][1:]
