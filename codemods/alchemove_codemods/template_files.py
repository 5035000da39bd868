"""The templates of a program: files that Jinja, Mako, Chameleon or Tornado render, found by their names and read for what they mention."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from alchemove_codemods.project import SKIPPED

_SUFFIXES = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".xml", ".txt", ".mako", ".mak", ".pt", ".tpl", ".tmpl")
_ENGINES = (
    b"jinja", b"Jinja", b"mako", b"Mako", b"hameleon", b"tornado", b"render_template", b"TemplateResponse", b"renderer=",
)  # fmt: skip
_CODE = re.compile(
    r"""\{\{.*?\}\}|\{%.*?%\}|\$\{.*?\}|<%.*?%>|^[ \t]*[%#].*?$|\b(?:tal|metal|py):[\w-]+=(?:"[^"]*"|'[^']*')""",
    re.DOTALL | re.MULTILINE,
)
"""What a template language runs: ``{{ }}``, ``{% %}`` and line statements, Mako's ``${ }``, ``<% %>`` and ``%``, Chameleon's attributes."""
_ATTRIBUTE = re.compile(
    r"\.\s*([^\W\d]\w*)|\b(?:attr|getattr|map|groupby|sort|selectattr|rejectattr)\b[^\"']*[\"'](\w+)"
)
_LARGEST = 1_000_000


def read(root: Path, sources: Iterable[bytes]) -> tuple[tuple[str, str], ...]:
    """The path (relative to *root*, with ``/``) and the text of each file that may be a template.

    Nothing is looked for unless one of *sources* mentions a template engine. What cannot be read or decoded is left out: a template
    that is not known may read anything.
    """
    if not any(word in raw for raw in sources for word in _ENGINES):
        return ()
    return tuple(sorted(_texts(root)))


def attributes(templates: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The names that *templates* (path and text) read as attributes, or call as methods."""
    found = {
        name
        for _, text in templates
        for code in _CODE.findall(text)
        for pair in _ATTRIBUTE.findall(code)
        for name in pair
    }
    return tuple(sorted(found - {""}))


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError:
            continue
        if folder != root and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED:
                    waiting.append(folder / entry.name)
            elif entry.name.endswith(_SUFFIXES) and (text := _text(folder / entry.name)) is not None:
                yield (folder / entry.name).relative_to(root).as_posix(), text


def _text(file: Path) -> str | None:
    try:
        if file.stat().st_size > _LARGEST:
            return None
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
