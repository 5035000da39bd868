"""Class-based views, in the way of fastapi-utils: FastAPI makes an object of the class for each request."""

import inspect
from collections.abc import Callable
from typing import TypeVar, get_type_hints

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

C = TypeVar("C")


def view(router: APIRouter) -> Callable[[type[C]], type[C]]:
    def decorator(cls: type[C]) -> type[C]:
        _inject(cls)
        for route in router.routes:
            if isinstance(route, APIRoute) and route.endpoint in vars(cls).values():
                _first_is_injected(cls, route)
        return cls

    return decorator


def _inject(cls: type) -> None:
    names = [name for name in get_type_hints(cls) if not name.startswith("_")]
    keyword = inspect.Parameter.KEYWORD_ONLY
    hints = get_type_hints(cls)

    def __init__(self, **given):
        for name, value in given.items():
            setattr(self, name, value)

    cls.__init__ = __init__
    cls.__signature__ = inspect.Signature(
        [inspect.Parameter(n, keyword, annotation=hints[n], default=getattr(cls, n)) for n in names]
    )


def _first_is_injected(cls: type, route: APIRoute) -> None:
    signature = inspect.signature(route.endpoint)
    first, *rest = signature.parameters.values()
    keyword = inspect.Parameter.KEYWORD_ONLY
    route.endpoint.__signature__ = signature.replace(
        parameters=[first.replace(default=Depends(cls)), *(p.replace(kind=keyword) for p in rest)]
    )
    route.dependant = APIRoute(route.path, route.endpoint, methods=list(route.methods)).dependant
    route.app = APIRoute(route.path, route.endpoint, methods=list(route.methods)).app
