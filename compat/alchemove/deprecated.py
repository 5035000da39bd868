"""Legacy names of a module: they still work, each use warns at the line that made it and is counted.

A module's ``__getattr__`` (PEP 562) is called for a name that the module does not define, by ``from module import
name`` and by ``module.name`` alike, so every importer is told, not only the first one, as a warning at import time
would do. A warning inside a legacy generator such as ``get_db`` would blame ``contextlib`` or FastAPI instead of
the line that has to change, and ``@deprecated`` on it breaks FastAPI up to 0.121.
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import Any

from alchemove.frames import is_library
from alchemove.ledger import ledger

_IMPORT_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


# What each module exports, for the writer of its types.
_exports: dict[str, Mapping[str, Legacy]] = {}


class AlchemoveDeprecationWarning(DeprecationWarning):
    """A name that the migration leaves behind was used; the message names what takes its place."""


@dataclass(frozen=True, slots=True)
class Lazy:
    """A target that is made, or looked up, when it is used: *make* is called at every use."""

    make: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Legacy:
    """What a legacy name stands for and what takes its place.

    Args:
        target: The object, or ``"package.module:attribute.path"``, imported and read anew at every use. The path may
            lead into the module that declares the name, and to a property, so that nothing is made before it is used.
            :class:`Lazy` does the same with a function.
        replacement: What to use instead, as the warning says it: ``"app.db.session.get_session"``.
    """

    target: object
    replacement: str

    def __post_init__(self) -> None:
        if isinstance(self.target, str) and not _IMPORT_PATH.fullmatch(self.target):
            raise ValueError(
                "A text as the target of a legacy name is an import path such as 'app.db.session:get_session', "
                "and this one is none. To export a text, keep it in a module and name its path."
            )

    def resolve(self) -> Any:
        """The object itself.

        Raises:
            ImportError: the import path leads nowhere.
        """
        target = self.target
        if isinstance(target, Lazy):
            return target.make()
        if not isinstance(target, str):
            return target
        module, _, path = target.partition(":")
        value: Any = sys.modules.get(module) or importlib.import_module(module)
        try:
            for part in path.split("."):
                value = getattr(value, part)
        except AttributeError as problem:
            # An AttributeError would be taken for "no such name", and the cause would be lost.
            raise ImportError(f"{target!r} cannot be found: {problem}", name=module) from problem
        return value


def deprecated_exports(
    module: ModuleType | str,
    names: Mapping[str, Legacy | tuple[object, str]],
) -> None:
    """Let *module* export legacy *names*, and warn at the line of everyone who still uses one.

    Call it at the end of the module::

        deprecated_exports(
            __name__,
            {
                "get_db": (legacy.get_db, "app.db.session.get_session"),
                "engine": ("app.db.session:database.sync_engine", "app.db.session.database.sync_engine"),
            },
        )

    Works for ``from module import name``, ``module.name`` and ``from module import *``; ``dir(module)`` and
    ``module.__all__`` name them. What the module defines itself is not touched. A name that is assigned from outside
    (``monkeypatch.setattr``) hides the legacy one.

    Args:
        module: The module or its name, usually ``__name__``.
        names: For every legacy name what it stands for and what takes its place: a :class:`Legacy`, or its two
            arguments.

    Raises:
        ValueError: The module still defines one of the names, which would never warn, or a target is no import path.
    """
    if isinstance(module, str):
        module = sys.modules[module]
    namespace = vars(module)
    module_name = module.__name__
    entries = {name: entry if isinstance(entry, Legacy) else Legacy(*entry) for name, entry in names.items()}
    defined = sorted(entries.keys() & namespace.keys())
    if defined:
        raise ValueError(
            f"{module_name} still defines {', '.join(defined)}. Its own definition hides the legacy name, and no use "
            "would ever warn: delete it, or keep it under another name for the legacy name to stand for."
        )
    _exports[module_name] = entries
    messages = {name: f"{module_name}.{name} is deprecated: use {each.replacement}" for name, each in entries.items()}
    qualified = {name: f"{module_name}.{name}" for name in entries}
    inner: Callable[[str], Any] | None = namespace.get("__getattr__")
    inner_dir: Callable[[], list[str]] | None = namespace.get("__dir__")

    def __getattr__(name: str) -> Any:  # noqa: N807
        entry = entries.get(name)
        if entry is not None:
            # The import system probes packages with hasattr() before the import statement itself asks.
            if (frame := sys._getframe(1)).f_code.co_name != "_handle_fromlist":
                _used(qualified[name], messages[name], frame)
            return entry.resolve()
        if name == "__all__" and "__all__" not in namespace:
            return [*(each for each in namespace if not each.startswith("_")), *entries]
        if inner is not None:
            return inner(name)
        raise AttributeError(f"module {module_name!r} has no attribute {name!r}", name=name, obj=module)

    def __dir__() -> list[str]:  # noqa: N807
        return sorted({*(inner_dir() if inner_dir else namespace), *entries})

    module.__getattr__ = __getattr__  # type: ignore[method-assign]
    module.__dir__ = __dir__  # type: ignore[method-assign]
    if "__all__" in namespace:
        # Without __all__, the module's public names at the time of the import are what * means.
        namespace["__all__"] = [*namespace["__all__"], *(name for name in entries if name not in namespace["__all__"])]


def legacy_names(module: str) -> Mapping[str, Legacy]:
    """The legacy names that *module* exports; none if it does not call :func:`deprecated_exports`."""
    return _exports.get(module, {})


def _used(name: str, message: str, frame: FrameType) -> None:
    caller = frame
    while is_library(caller.f_code.co_filename):
        # getattr() inside a library (monkeypatch, a plugin loader) is the doing of the application that called it.
        if caller.f_back is None:
            caller = frame
            break
        caller = caller.f_back
    file, line, namespace = caller.f_code.co_filename, caller.f_lineno, caller.f_globals
    ledger().count(name, file, line)
    warnings.warn_explicit(
        message,
        AlchemoveDeprecationWarning,
        file,
        line,
        module=namespace.get("__name__"),
        registry=namespace.setdefault("__warningregistry__", {}),
    )


def show_by_default(category: type[Warning]) -> None:
    """Make warnings of *category* visible: Python hides what is only of interest to developers outside ``__main__``.

    Only Python's own filters give way; what the command line, the environment or the application has decided stays.
    """
    if sys.warnoptions:
        return
    for _, message, general, module, _ in warnings.filters:
        if module is not None:
            # Python's own filters begin with the one that shows DeprecationWarning in __main__.
            if getattr(module, "pattern", module) == "__main__":
                break
        elif message is None and issubclass(category, general):
            return
    warnings.filterwarnings("default", category=category)


show_by_default(AlchemoveDeprecationWarning)
