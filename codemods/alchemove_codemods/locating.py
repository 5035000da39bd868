"""Which file of the program an import means."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence

_STDLIB = sys.stdlib_module_names
_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([\w.]+)(?:[ \t]+import[ \t]+([^\n]*))?", re.MULTILINE)
_NAME = re.compile(r"\w+")
_NAMED = (("from", "."), ("import", "."), ("from", " "))
_BELOW = re.compile(rb"(?:from|import)[ \t]+([\w.]+)(?:[ \t]+import[ \t]+(\w+))?")


class Locator:
    """Finds modules by their dotted names.

    ``paths`` are all files of the program, ``roots`` the folders from which absolute imports start besides those that are
    found here, ``mentioning`` gives the files that hold one of some texts, ``read`` the content of a file.
    """

    def __init__(
        self,
        paths: Iterable[str],
        roots: Sequence[str],
        mentioning: Callable[..., list[str]],
        read: Callable[[str], bytes],
    ) -> None:
        self.roots = tuple(roots)
        self._mentioning = mentioning
        self._read = read
        self._by_tail: dict[str, list[str]] = {}
        known = list(paths)
        self.packages = {path.rsplit("/", 1)[0] for path in known if path.endswith("/__init__.py")}
        for path in known:
            *outer, name = dotted_stem(path).rsplit(".", 2)
            for tail in (name, f"{outer[-1]}.{name}") if outer else (name,):
                self._by_tail.setdefault(tail, []).append(path)
        self._resolved: dict[tuple[str, str], str | None] = {}
        self._only_folders: dict[str, bool] = {}
        self._starts: dict[str, bool] = {}

    def find(self, dotted: str, importer: str) -> str | None:
        """The path of the module that ``import dotted`` means in the file *importer*, None if it is not of the program.

        A top-level import starts at a folder that is no package itself; of several such folders the one nearest to the
        importer wins (nested services with equal layouts), then the shortest path.
        """
        key = (dotted, importer.rpartition("/")[0])
        if key not in self._resolved:
            self._resolved[key] = self._find(dotted, importer)
        return self._resolved[key]

    def _find(self, dotted: str, importer: str) -> str | None:
        if not dotted or dotted.split(".", 1)[0] in _STDLIB:
            return None
        wanted = dotted.replace(".", "/")
        plain: list[tuple[str, str]] = []
        marked: list[tuple[str, str]] = []
        # By its last two parts, since many files may be called ``models``.
        for path in self._by_tail.get(".".join(dotted.rsplit(".", 2)[-2:]), ()):
            stem = path[: -len("/__init__.py")] if path.endswith("/__init__.py") else path.rsplit(".", 1)[0]
            if stem == wanted:
                root = ""
            elif stem.endswith("/" + wanted):
                root = stem[: -len(wanted) - 1]
            else:
                continue
            if root not in self.packages or root in self.roots:
                plain.append((root, path))
            elif self._is_only_a_folder(root, wanted, importer):
                marked.append((root, path))
        # What can be imported from a folder around the importer for sure is not looked for in a package beside it
        # (tests/app mirrors app, and has an __init__.py in each folder).
        if not any(not root or importer.startswith(root + "/") for root, _ in plain):
            plain += marked
        if not plain:
            return None
        folder = importer.rpartition("/")[0]
        best = min(
            plain,
            key=lambda item: (
                item[0] not in self.roots,
                -_shared(item[0], folder),
                item[0].count("/"),
                bool(item[0]),
                not item[1].endswith("__init__.py"),
                item[1],
            ),
        )
        return best[1]

    def starts(self, root: str) -> bool:
        """Whether absolute imports of the files below *root* start there, although it has an ``__init__.py``."""
        return self._is_start(root) and not self._is_imported(root)

    def _is_only_a_folder(self, root: str, wanted: str, importer: str) -> bool:
        """Whether imports start at *root* although it has an ``__init__.py``.

        So it is where nothing imports the folder by its name, while ``package.module`` that stands in it is imported. A name without
        a dot may be that of a library: it is one of the folder for files in it alone, and if others of its imports start there.
        """
        top, _, below = wanted.partition("/")
        if below:
            if f"{root}/{top}" not in self.packages:
                return False
        elif not (importer.startswith(root + "/") and self._is_start(root)):
            return False
        if root not in self._only_folders:
            self._only_folders[root] = False  # while this is found out
            self._only_folders[root] = not self._is_imported(root)
        return self._only_folders[root]

    def _is_imported(self, root: str) -> bool:
        """Whether anything may import the folder *root* by its name; another folder of that name may be meant, too."""
        name = root.rpartition("/")[2]
        for path in self._mentioning(b"import " + name.encode(), b"from " + name.encode()):
            for match in _IMPORT.finditer(self._read(path)):
                start, below = match[1].decode("latin-1"), (match[2] or b"").decode("latin-1")
                if not start.startswith("."):
                    # ``from services import api`` means services/api; ``from api.models import x`` means another folder
                    # only if there is one that has them.
                    if name in _NAME.findall(below) and f"/{root}".endswith(f"/{start.replace('.', '/')}/{name}"):
                        return True
                    if start.split(".")[0] == name and (self._find(start, path) or root).startswith(root):
                        return True
                elif name in _NAME.findall(below):
                    dots = len(start) - len(start.lstrip("."))
                    parts = [*path.split("/")[:-dots], *filter(None, start[dots:].split(".")), name]
                    if "/".join(parts) == root:
                        return True
        return False

    def _is_start(self, root: str) -> bool:
        """Whether a file below *root* imports ``package.module`` that stands in it, and nowhere else."""
        if root not in self._starts:
            self._starts[root] = any(self._starts_at(root, package) for package in self._packages_in(root))
        return self._starts[root]

    def _packages_in(self, root: str) -> list[str]:
        start = root + "/"
        return sorted(p[len(start) :] for p in self.packages if p.startswith(start) and "/" not in p[len(start) :])

    def _starts_at(self, root: str, package: str) -> bool:
        prefix = f"{package}."
        for path in self._mentioning(*(f"{word} {package}{end}".encode() for word, end in _NAMED)):
            if not path.startswith(root + "/"):
                continue
            for match in _BELOW.finditer(self._read(path)):
                name = match[1].decode("latin-1")
                if name == package and match[2]:
                    name += f".{match[2].decode('latin-1')}"
                if name.startswith(prefix) and (found := self.find(name, path)) is not None:
                    return dotted_stem(found) == f"{root}/{name}".replace("/", ".")
        return False


def dotted_stem(path: str) -> str:
    """The path of a module or package as a dotted name from the root of the program."""
    stem = path[: -len("/__init__.py")] if path.endswith("/__init__.py") else path.rsplit(".", 1)[0]
    return stem.replace("/", ".")


def _shared(root: str, folder: str) -> int:
    """How far the folder of the importer lies inside or beside *root*."""
    if not root:
        return 0
    if folder == root or folder.startswith(root + "/"):
        return root.count("/") + 1
    count = 0
    for a, b in zip(root.split("/"), folder.split("/")):
        if a != b:
            break
        count += 1
    return count
