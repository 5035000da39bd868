"""Loads what a response reads while things can be loaded: inside `run_sync`, before FastAPI reads it outside."""

from __future__ import annotations

from typing import Any, TypeVar

_T = TypeVar("_T")


def loaded(model: Any, value: _T) -> _T:
    """Load from *value* what a response of the form *model* reads of it, and give *value* itself back.

    FastAPI makes the response from the value when the endpoint is done, where nothing can be loaded any more in a
    coroutine. So the same is done once before, and what comes of it is dropped: relationships that it reads are loaded
    then. Where the value is not of that form, FastAPI will say so.

    Args:
        model: the response model: a class of pydantic, or a type that has some in it (``list[UserOut]``).
        value: what the endpoint returns. Objects of *model* itself have nothing to load and stay untouched.
    """
    import pydantic

    if _is_made(value, pydantic.BaseModel, model):
        return value
    copied: Any = {**value} if isinstance(value, dict) else [*value] if isinstance(value, list) else value
    try:
        if hasattr(pydantic, "TypeAdapter"):
            pydantic.TypeAdapter(model).validate_python(copied, from_attributes=True)
        else:
            pydantic.parse_obj_as(model, copied)  # type: ignore[unreachable,unused-ignore]
    except pydantic.ValidationError:
        pass
    return value


def _is_made(value: object, base: type, model: object) -> bool:
    """Whether *value* is made of objects of pydantic, which have been read from others already.

    One of another class than *model* may hold what nobody has read: ``Page(items=users)``, where *model* is ``Page[UserOut]``.
    """
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(_is_made(each, base, None) for each in value)
    if isinstance(value, base):
        return not isinstance(model, type) or isinstance(value, model)
    return value is None or isinstance(value, (str, int, float, bytes))
