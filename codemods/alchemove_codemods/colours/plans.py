"""What is done in one coroutine, as data: :mod:`.crossings` makes it, the rules render it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from alchemove_codemods.colours.generators import Consumer
from alchemove_codemods.colours.opened import Block
from alchemove_codemods.colours.responses import Response
from alchemove_codemods.colours.site import Site


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """``node`` runs as ``await SESSION.run_sync(lambda PARAMETER: node)``.

    ``session`` is how the session is written, None in a coroutine that keeps a sync session (:mod:`.keeping`); ``parameter``
    is the name it has inside; ``renamed`` are the expressions in ``node`` that become ``parameter``, ``unwrapped`` those of
    other asynchronous sessions.
    """

    node: ast.expr
    session: str | None
    parameter: str
    renamed: tuple[ast.expr, ...]
    unwrapped: tuple[ast.expr, ...]
    sites: tuple[Site, ...]
    response: Response | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """The returned ``node`` becomes its response model: ``await SESSION.run_sync(lambda _: Model.model_validate(node))``.

    ``apart`` says that what *node* does itself is awaited before; ``awaited`` that *node* is a coroutine.
    """

    node: ast.expr
    session: str
    response: Response
    apart: bool
    awaited: bool


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """``object.name = value``, which loads what it replaces: ``await SESSION.run_sync(lambda _: setattr(...))``.

    ``session`` is None in a coroutine that keeps a sync session; ``apart`` says that the value is evaluated before, since it awaits.
    """

    node: ast.Assign
    session: str | None
    apart: bool


@dataclass(frozen=True, slots=True, eq=False)
class Afterwards:
    """``tasks.add_task(f, ...)``: ``tasks.add_task(after_request(SESSION, f), ...)``; ``given`` are the sessions among the arguments."""

    task: ast.expr
    session: str
    given: tuple[ast.expr, ...]


@dataclass(slots=True)
class Plan:
    """What is done in one coroutine.

    ``obstacle`` is a reason why it cannot be one after all, with the line it stands on; ``wants_session`` says that it
    has to be given a session as a parameter, which only FastAPI's own functions can. ``expiring`` are the commits that
    ``expire_all()`` has to follow, ``listed`` the generator expressions that become lists, since they await, ``consumers``
    what goes through the asynchronous generators that calls make. ``commits`` says of each commit what relies on it, None where
    the end of the request commits as well. ``discards`` is the session that must not be committed
    at the end of the request.
    """

    awaited: list[ast.Call] = field(default_factory=list)
    consumers: dict[ast.Call, Consumer] = field(default_factory=dict)
    managers: list[ast.With] = field(default_factory=list)
    opened: list[Block] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    threads: list[ast.Call] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    afterwards: list[Afterwards] = field(default_factory=list)
    expiring: list[ast.Call] = field(default_factory=list)
    listed: list[ast.GeneratorExp] = field(default_factory=list)
    commits: dict[ast.expr, str | None] = field(default_factory=dict)
    obstacle: tuple[str, ast.AST] | None = None
    wants_session: bool = False
    discards: str | None = None
