"""Names of modules that 2.0 moved, read off the files that mention them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.records import Removed, Suspect
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.values import External

MODULES = frozenset({"sqlalchemy.ext.declarative", "sqlalchemy.ext.declarative.api"})
MOVED = frozenset(
    {"declarative_base", "declared_attr", "as_declarative", "has_inherited_table", "synonym_for", "DeclarativeMeta"}
)
STAYED = frozenset({"AbstractConcreteBase", "ConcreteBase", "DeferredReflection"})
_WORD = b"sqlalchemy.ext.declarative"


def note_moved(knowledge: Knowledge, targets: frozenset[str]) -> None:
    """Note the imports and attributes of every file that has the words.

    ``sa.ext.declarative`` is an attribute that exists only since something imports that module: where one of *targets*, the files
    that may be rewritten, cannot do without it, no import may go.
    """
    program = knowledge.program
    mentioning = [program.module(path) for path in program.mentioning(b".ext.declarative")]
    read = [(module, node) for module in filter(None, mentioning) for node in _read(module)]
    # What a file with a syntax error reads is not known.
    removable = None not in mentioning and all(_is_moved(knowledge, *each, targets) for each in read)
    imported = [
        (module, node)
        for module in filter(None, map(program.module, program.mentioning(_WORD)))
        for node in _imported(module)
    ]
    for module, node in [*imported, *(read if removable else ())]:
        records = knowledge.records.setdefault(module.body, {})
        if removable:
            records[node, "Removed"] = Removed(node, "declarative-import", module.body)
        else:
            records[node, "Suspect"] = Suspect(node, "declarative-import", "declarative-attribute", module.body)


def _imported(module: ModuleFacts) -> Iterator[ast.ImportFrom | ast.Call]:
    """What imports something that has another place now."""
    for node in module.source.nodes:
        match node:
            case ast.ImportFrom(module=name, level=0, names=names) if (
                name in MODULES and not {a.name for a in names} <= STAYED
            ):
                yield node
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if name in MODULES and last_name(node.func) in (
                "__import__",
                "import_module",
            ):
                yield node


def _read(module: ModuleFacts) -> Iterator[ast.Attribute]:
    """Each ``sa.ext.declarative``."""
    for node in module.source.of_kind(ast.Attribute):
        if node.attr == "declarative" and isinstance(node.value, ast.Attribute) and node.value.attr == "ext":
            yield node


def _is_moved(knowledge: Knowledge, module: ModuleFacts, node: ast.Attribute, targets: frozenset[str]) -> bool:
    """Whether *node* is SQLAlchemy's module, what is read of it has another place now, and that can be written there."""
    assert isinstance(node.value, ast.Attribute)
    source, root = module.source, node.value.value
    above = source.parents.get(node)
    return (
        isinstance(above, ast.Attribute)
        and above.attr in MOVED
        and knowledge.static(module, root) == External("sqlalchemy")
        and source.text[source.end(root) : source.end(node)] == ".ext.declarative"
        and module.path in targets
        and not source.skipped
    )
