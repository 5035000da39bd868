"""Templates that are rendered with mapped objects: whether they mention attributes that may have to be loaded.

``TemplateResponse`` renders when it is made, so what a template reads lazily is read by that very call.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from alchemove_codemods.template_names import paths_of, referred
from alchemove_codemods.values import Instance, Value, parts

_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|^[ \t]*#.*$", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"[^\W\d]\w*")
_OTHER = re.compile(r"\{%[-+]?\s*(?:extends|include|import|from)\s+(.*?)[-+]?%\}", re.DOTALL)


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """A call that renders the template *name* (None if that is not written there) with *given*, by name if they have one."""

    name: str | None
    given: tuple[tuple[str | None, ast.expr], ...]


def rendering(node: ast.Call, on: Value) -> Rendering | None:
    """What *node* renders, if it renders a template at all; *on* is what its method is called on."""
    match node.func:
        case ast.Attribute(attr="TemplateResponse"):
            named = [k.value for k in node.keywords if k.arg == "name"] or node.args[:2]
            context = [k.value for k in node.keywords if k.arg == "context"] or node.args[1:3]
            return Rendering(_constant(named), tuple(g for c in context if not _is_constant(c) for g in _given(c)))
        case ast.Attribute(attr="render", value=ast.Call(func=ast.Attribute(attr="get_template"), args=names)):
            return Rendering(_constant(names), tuple(_arguments(node)))
        case ast.Attribute(attr="render") if any(
            isinstance(v, Instance) and isinstance(v.cls, str) and v.cls.startswith("jinja2.") for v in parts(on)
        ):
            return Rendering(None, tuple(_arguments(node)))
    return None


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _constant(nodes: Iterable[ast.expr]) -> str | None:
    return next((n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)), None)


def _arguments(node: ast.Call) -> Iterator[tuple[str | None, ast.expr]]:
    for argument in node.args:
        yield from _given(argument)
    for keyword in node.keywords:
        if keyword.arg is None:
            yield from _given(keyword.value)
        else:
            yield keyword.arg, keyword.value


def _given(node: ast.expr) -> Iterator[tuple[str | None, ast.expr]]:
    """What the context *node* holds, by name; a context that is not written out is one thing without a name."""
    if not isinstance(node, ast.Dict):
        yield None, node
        return
    for key, value in zip(node.keys, node.values):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, value
        else:
            yield None, value


class Templates:
    """The templates of one program, by path; *loading* are the names of attributes that may have to be loaded."""

    def __init__(self, texts: Iterable[tuple[str, str]], loading: frozenset[str]) -> None:
        self.texts = dict(texts)
        self._loading = loading

    def may_load(self, name: str | None) -> bool:
        """Whether rendering the template *name* may read such an attribute; one that is not known may read anything."""
        found = self.closure(name)
        return found is None or any(path in self._mentioning for path in found)

    def closure(self, name: str | None) -> frozenset[str] | None:
        """The paths of the template *name* and of those that it extends, includes or imports; None if one is not known."""
        found: set[str] = set()
        pending = [name]
        while pending:
            wanted = pending.pop()
            paths = paths_of(wanted, self.texts) if wanted is not None else []
            if not paths:
                return None
            for path in paths:
                if path not in found:
                    found.add(path)
                    pending += map(referred, _OTHER.findall(self.texts[path]))
        return frozenset(found)

    @cached_property
    def _mentioning(self) -> frozenset[str]:
        return frozenset(
            path
            for path, text in self.texts.items()
            if any(not self._loading.isdisjoint(_NAME.findall(code)) for code in _CODE.findall(text))
        )
