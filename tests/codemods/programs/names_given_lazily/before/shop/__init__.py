"""What the package has, by where it is."""

from importlib import import_module

_PLACES = {"Item": ".items", "Order": ".orders"}
_RENAMED = {"Tag": (f"{__name__}.items", "Label")}


def __getattr__(name):
    if name in _PLACES:
        found = getattr(import_module(_PLACES[name], __name__), name)
        globals()[name] = found
        return found
    try:
        path, attribute = _RENAMED[name]
    except KeyError:
        raise AttributeError(name) from None
    return getattr(import_module(path), attribute)


def __dir__():
    return sorted([*_PLACES, *_RENAMED])
