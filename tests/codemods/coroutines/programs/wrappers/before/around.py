import functools
import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from fastapi import HTTPException
from sqlalchemy.exc import IntegrityError

P = ParamSpec("P")
R = TypeVar("R")
calls: list[str] = []


def handled(function: Callable[P, R]) -> Callable[P, R]:
    """What the database refuses is a conflict."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except IntegrityError:
            raise HTTPException(409, function.__name__) from None

    return wrapper


def noted(text: str):
    def decorator(f):
        @wraps(f)
        def inner(*args, **kwargs):
            calls.append(text)
            result = f(*args, **kwargs)
            calls.append(f"{text} done")
            return result

        return inner

    return decorator


def counted(f):
    @wraps(f)
    def wrapper(*args, **kwargs):  # stays: mixed-decorator
        calls.append(f.__name__)
        return f(*args, **kwargs)

    return wrapper


def first_argument(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        calls.append(str(len(args)))
        return f(*args, **kwargs)

    return wrapper


def public(text: str):
    def mark(f):
        f.text = text
        return f

    return mark


def both(f):
    if inspect.iscoroutinefunction(f):

        @wraps(f)
        async def waiting(*args, **kwargs):
            calls.append("both")
            return await f(*args, **kwargs)

        return waiting

    @wraps(f)
    def wrapper(*args, **kwargs):
        calls.append("both")
        return f(*args, **kwargs)

    return wrapper
