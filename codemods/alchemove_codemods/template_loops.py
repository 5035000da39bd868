"""What Jinja templates do with what they are given: the variables that a template goes through once, whenever it is rendered.

    {% block content %}{% for user in users %}{{ user.name }}{% endfor %}{% endblock %}

Such a variable may be a list as well, where it was a query, which is sent each time that somebody goes through it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from alchemove_codemods.template_names import likely_paths_of, referred

_PIECES = re.compile(r"\{#.*?#\}|\{%[-+]?\s*(?P<tag>.*?)[-+]?%\}|\{\{(?P<shown>.*?)\}\}", re.DOTALL)
_TEXTS = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_NAMES = re.compile(r"(?<![\w.])[^\W\d]\w*(?!\w)(?!\s*=(?!=))")
_ALL_NAMES = re.compile(r"(?<![\w.])[^\W\d]\w*")
_LOOP = re.compile(r"for\s+[\w\s,()]+?\s+in\s+([^\W\d]\w*)\s*", re.DOTALL)
_REPEATED = re.compile(r"(?<![\w.])self\b(?:\.(\w+))?")
_WORD = re.compile(r"\w+")
_ENDS = re.compile(r"\{%[-+]?\s*(end\w+)")
_ALWAYS_RUN = frozenset({"block", "with", "autoescape"})
_OF_LIBRARIES = {
    "bootstrap/base.html": "doc html html_attribs head title metas styles body body_attribs navbar content scripts",
}
"""What well-known libraries (Flask-Bootstrap) have for applications to extend: their blocks, all of them rendered once. They mention the title."""
_REFERRING = frozenset({"extends", "include", "import", "from"})


@dataclass(slots=True, eq=False)
class _Template:
    """One template: what it mentions how often, and what it goes through in which blocks."""

    names: list[str] = field(default_factory=list)
    loops: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blocks: dict[str, bool] = field(default_factory=dict)
    """The blocks, and whether each of them is rendered once in any case."""
    outer: set[str] = field(default_factory=set)
    """Those that hold others."""
    repeated: set[str] = field(default_factory=set)
    """Those that are rendered once more: ``{{ self.title() }}``."""
    others: list[str | None] = field(default_factory=list)
    """The templates that it extends, includes or imports, None for one whose name is computed."""
    extends: bool = False
    known: bool = True


def gone_through(templates: Iterable[tuple[str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The path of each of *templates* (path and text), and the names of the variables that it goes through once."""
    read = {path: _read(text) for path, text in templates}
    program = _Program(read)
    return tuple((path, tuple(sorted(program.once(path)))) for path in sorted(read))


@dataclass(frozen=True, eq=False)
class _Program:
    templates: dict[str, _Template]

    def once(self, path: str) -> Iterator[str]:
        """The variables that the template *path* goes through once, with all that it is rendered with."""
        own = self.templates[path]
        whole = self._with(path) if own.loops else None
        if whole is None or not all(t.known for t in whole):
            return
        repeated, outer = (set().union(*(getattr(t, kind) for t in whole)) for kind in ("repeated", "outer"))
        roots = [t for t in whole if t is not own and not t.extends]
        for name, blocks in own.loops.items():
            shown = not own.extends or (bool(blocks) and any(blocks[0] in root.blocks for root in roots))
            always = all(t.blocks.get(block, True) for t in whole for block in blocks)
            if (
                shown
                and always
                and repeated.isdisjoint(outer | {"", *blocks})
                and sum(t.names.count(name) for t in whole) == 1
            ):
                yield name

    def _with(self, path: str) -> list[_Template] | None:
        """The template *path* and those that it extends, includes or imports; None if one is not known."""
        found: dict[str, _Template] = {}
        pending: list[str | None] = [path]
        while pending:
            wanted = pending.pop()
            named = self._named(wanted) if wanted is not None else {}
            if wanted == path:
                named = {path: self.templates[path]}
            if not named:
                return None
            for each, template in named.items():
                if each not in found:
                    found[each] = template
                    pending += template.others
        return list(found.values())

    def _named(self, name: str) -> dict[str, _Template]:
        """The templates that *name* may mean: those of the program, or one of a library that it does not have itself."""
        found = {path: self.templates[path] for path in likely_paths_of(name, self.templates)}
        if not found and name in _OF_LIBRARIES:
            blocks = _OF_LIBRARIES[name].split()
            found[name] = _Template(names=["title"], blocks=dict.fromkeys(blocks, True))
        return found


def _read(text: str) -> _Template:
    template = _Template()
    around: list[tuple[str, str]] = []
    ends = set(_ENDS.findall(text))
    for piece in _PIECES.finditer(text):
        tag, shown = piece["tag"], piece["shown"] or ""
        template.repeated |= set(_REPEATED.findall(tag or shown))
        if tag is None:
            template.names += _NAMES.findall(_TEXTS.sub("", shown))
            continue
        match = _WORD.match(tag)
        word, rest = (match[0], tag[match.end() :].strip()) if match else ("", tag)
        if word in ("set", "with"):
            template.names += _ALL_NAMES.findall(_TEXTS.sub("", rest))
        elif word != "block":
            template.names += _NAMES.findall(_TEXTS.sub("", rest))
        always = all(kind in _ALWAYS_RUN for kind, _ in around)
        if word in _REFERRING:
            template.others.append(referred(rest))
            template.extends |= word == "extends"
        if word == "for" and always and (loop := _LOOP.fullmatch(tag.strip())):
            template.loops[loop[1]] = tuple(name for kind, name in around if kind == "block")
        if word == "block":
            template.blocks[(*rest.split(), "")[0]] = always
            template.outer |= {name for kind, name in around if kind == "block"}
        if word.startswith("end") and around and around[-1][0] == word[3:]:
            around.pop()
        elif f"end{word}" in ends and not (word == "set" and "=" in rest):
            around.append((word, (*rest.split(), "")[0]))
    template.known = not around
    return template
