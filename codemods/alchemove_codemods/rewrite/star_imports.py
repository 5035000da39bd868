"""Files that get all names of another one by ``import *``: a name that is new there hides what they have under it."""

from __future__ import annotations

from alchemove_codemods.facts import ModuleFacts, exports
from alchemove_codemods.program import Program
from alchemove_codemods.values import External

_OF_SQLALCHEMY = ("sqlalchemy", "sqlmodel")


def hides(program: Program, module: ModuleFacts, name: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether *name*, once *module* imports it, means something else than before in a file that reads ``from module import *``."""
    if module.path in seen or not exports(module, name):
        return False
    return any(
        _has_another(program, reader, name, line) or hides(program, reader, name, seen | {module.path})
        for reader, line in program.star_readers.get(module.path, ())
    )


def _has_another(program: Program, reader: ModuleFacts, name: str, line: int) -> bool:
    """Whether *reader* has *name* from somewhere else, by then: what it binds behind its *line* of ``import *`` stays what it is."""
    bindings = reader.bindings.get(name)
    if name not in reader.source.names or (bindings and all(getattr(b.node, "lineno", 0) > line for b in bindings)):
        return False
    value = program.lookup(reader, name)
    return value is not None and not (isinstance(value, External) and value.top in _OF_SQLALCHEMY)
