"""Where the session module goes, and by which names both modules are imported."""

from __future__ import annotations

from dataclasses import dataclass

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init.uses import Uses
from alchemove_codemods.program import Program

_FOLDERS = ("db", "database", "databases")
NAME = "session"


@dataclass(frozen=True, slots=True)
class Place:
    """The session module: its ``path``, by which name it is imported, and the package file that it needs, if any.

    ``legacy`` is the dotted name of the legacy module. ``deeper`` says how many folders the session module lies below
    the legacy one; ``in_place`` that both are one file.
    """

    path: str
    dotted: str
    package: str | None
    legacy: str
    deeper: int

    @property
    def in_place(self) -> bool:
        """Whether the legacy module lies where the session module belongs."""
        return self.dotted == self.legacy


def choose(
    program: Program, module: ModuleFacts, uses: Uses, taken: frozenset[str], wanted: str | None = None
) -> Place | None:
    """Where the session module of the legacy *module* goes; None if every place is taken.

    Args:
        program: the program.
        module: the legacy module.
        uses: by which name it is imported.
        taken: the names that the module defines itself and that the session module needs: with one of them the
            two cannot be one file.
        wanted: the path that the user asks for.
    """
    legacy = dotted_of(program, module, uses)
    folder, _, file = module.path.rpartition("/")
    stem = file.removesuffix(".py")
    if module.package:
        folder, _, stem = folder.rpartition("/")
        inside = f"{folder}/{stem}" if folder else stem
        candidates = [f"{inside}/{NAME}.py", f"{inside}/db_{NAME}.py"]
    elif folder.rsplit("/", 1)[-1] in _FOLDERS:
        candidates = [f"{folder}/{NAME}.py", f"{folder}/{NAME}s.py", f"{folder}/db_{NAME}.py"]
    else:
        candidates = [_join(folder, f"db/{NAME}.py"), _join(folder, f"{NAME}.py"), _join(folder, f"db_{NAME}.py")]
        if stem == "db":
            # A package of the name of the module would hide it.
            del candidates[0]
    if wanted is not None:
        candidates = [wanted]
    for path in candidates:
        if path == module.path and not taken:
            return Place(path, legacy, None, legacy, 0)
        if path not in program.raw and not _hides(program, path):
            return _at(program, path, module, legacy)
    return None


def _hides(program: Program, path: str) -> bool:
    """Whether a package in which *path* would lie hides a module of the same name."""
    folder = path.rpartition("/")[0]
    return f"{folder}.py" in program.raw


def _at(program: Program, path: str, module: ModuleFacts, legacy: str) -> Place:
    folder = path.rpartition("/")[0]
    home = module.path.rpartition("/")[0]
    top = _import_root(module, legacy)
    inner = path.removeprefix(f"{top}/") if top else path
    dotted = inner.removesuffix(".py").replace("/", ".")
    has_package = f"{folder}/__init__.py" in program.raw or not folder or folder == top
    known = any(each.startswith(f"{folder}/") for each in program.raw)
    package = None if has_package or (known and folder == home) else f"{folder}/__init__.py"
    return Place(path, dotted, package, legacy, folder.count("/") - home.count("/") if folder != home else 0)


def _import_root(module: ModuleFacts, dotted: str) -> str:
    """The folder in which the import of *module* by its *dotted* name starts."""
    stem = module.path.removesuffix("/__init__.py") if module.package else module.path.removesuffix(".py")
    return stem[: len(stem) - len(dotted)].rstrip("/")


def _join(folder: str, rest: str) -> str:
    return f"{folder}/{rest}" if folder else rest


def dotted_of(program: Program, module: ModuleFacts, uses: Uses) -> str:
    """The name by which *module* is imported: the one that the program uses most, otherwise that of its packages."""
    if uses.dotted:
        # Of names that are used as often, the one that starts higher up works from more places.
        return max(uses.dotted, key=lambda name: (uses.dotted[name], name.count("."), name))
    stem = module.path.removesuffix("/__init__.py") if module.package else module.path.removesuffix(".py")
    parts = stem.split("/")
    for count in range(1, len(parts)):
        folder = "/".join(parts[:count])
        if program.starts(folder):
            return ".".join(parts[count:])
        # The first folder that is a package, or below which something is imported by this name.
        if f"{folder}/__init__.py" in program.raw or folder in program.relative_packages:
            return ".".join(parts[count - 1 :])
    for start in range(len(parts)):
        if any(f"from {'.'.join(parts[start:-1])}".encode() in raw for raw in program.raw.values()) and parts[start:-1]:
            return ".".join(parts[start:])
    return parts[-1]
