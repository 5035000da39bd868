"""All models, imported when one of them is asked for."""

from base import Base

__all__ = ["Base"]


def __getattr__(name: str):
    import importlib

    registry = importlib.import_module("registry")
    if hasattr(registry, name):
        return getattr(registry, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
