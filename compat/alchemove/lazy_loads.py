"""Lazy loads: recorded with what caused them and what would have avoided them, or forbidden.

A lazy load is SQL that an attribute access sends: for a relationship that its statement did not load, a deferred
column, an expired attribute. It works with a sync session and raises ``MissingGreenlet`` with an async one.

A many-to-one whose object happens to be in the session's identity map, or whose foreign key is NULL, sends no SQL. A
warm test shows nothing, and production fails: such loads are *latent* and treated alike.

What a session operation loads itself (``flush``, ``delete``, ``refresh``, ``merge``) is no lazy load: it is awaited.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from sqlalchemy import event
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.orm import InstanceState, Mapper, ORMExecuteState, PassiveFlag, Session, dynamic, loading, strategies
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.interfaces import MapperProperty, UserDefinedOption
from sqlalchemy.orm.util import AliasedInsp

from alchemove.frames import Site, application_site, frames

Kind = Literal["relationship", "deferred", "expired", "dynamic"]

# Where SQLAlchemy is entered when an attribute is read. Whatever else is entered is an operation of the session or the
# reading of a result, whose frames are not always visible: 2.1 compiles them.
_ACCESS = ("sqlalchemy.orm.attributes", "sqlalchemy.orm.collections", "sqlalchemy.orm.descriptor_props",
           "sqlalchemy.orm.dynamic", "sqlalchemy.orm.state", "sqlalchemy.ext.")  # fmt: skip

# What is done with a dynamic relationship as if it were a list; everything else is a method of a Query.
_COLLECTING = frozenset({"__iter__", "__getitem__"})

# SQLAlchemy 2.1 marks its strategies as private.
_LazyLoader: Any = getattr(strategies, "LazyLoader", None) or strategies._LazyLoader  # type: ignore[attr-defined]
_Appender: Any = getattr(dynamic, "AppenderMixin", None) or dynamic._AppenderMixin  # type: ignore[attr-defined]


class LazyLoadForbidden(InvalidRequestError):
    """An attribute was about to be loaded lazily while :func:`forbid` was in force."""


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """One attribute on the way from the entity of a statement; ``class_`` is ``package.module.Name``."""

    class_: str
    attribute: str
    uselist: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """The statement that loaded the object: the line that ran it, and its SQL."""

    site: Site
    statement: str


@dataclass(frozen=True, slots=True)
class LazyLoad:
    """One lazy load.

    ``path`` leads from the statement's entity to the attribute, whose class and name are its last step. ``latent``
    says why no SQL was sent: ``"identity map"`` or ``"null"``, else ``""``. ``site`` is the line of the application
    that read the attribute. ``origin`` is ``None`` for an object that no statement loaded, such as one just added.
    ``partly`` marks an expired attribute of an object that is not expired as a whole: a value that the server makes.
    ``queried`` marks a dynamic relationship that is queried by a method, such as ``user.posts.count()``: a statement that
    the application wrote, as a Query is, and no access that looks like one to an attribute.
    """

    kind: Kind
    path: tuple[Step, ...]
    latent: str
    site: Site
    origin: Origin | None
    partly: bool = False
    queried: bool = False

    @property
    def class_(self) -> str:
        """The class of the object whose attribute was read."""
        return self.path[-1].class_

    @property
    def attribute(self) -> str:
        """The attribute that was read."""
        return self.path[-1].attribute

    @property
    def uselist(self) -> bool:
        """Whether it is a collection."""
        return self.path[-1].uselist


Watcher = Callable[[LazyLoad, Session], None]


class _Loaded(UserDefinedOption):
    """Marks the objects that a statement loads, and what they load in turn: where they come from.

    It is an option because those stay with an object. It is added to what the result hands to its objects and not to
    the statement: a copy of a statement is slow, and a statement that was compiled before would ignore it.
    """

    propagate_to_loaders = True
    __slots__ = ("_origin", "_site", "_statement")

    def __init__(self, site: Site, statement: Any) -> None:
        super().__init__()
        self._site = site
        self._statement = statement
        self._origin: Origin | None = None

    @property
    def origin(self) -> Origin:
        if self._origin is None:
            # Only for objects that are loaded lazily: rendering costs as much as a statement.
            try:
                text = " ".join(str(self._statement).split())
            except SQLAlchemyError as problem:
                text = f"({type(self._statement).__name__} that cannot be shown: {type(problem).__name__})"
            self._origin = Origin(self._site, text)
        return self._origin

    def __reduce__(self) -> tuple[Any, ...]:
        # An object that is pickled (into a cache) takes its options along.
        return _restored, (self.origin,)


def _restored(origin: Origin) -> _Loaded:
    option = _Loaded(origin.site, None)
    option._origin = origin
    return option


class _DynamicRead(UserDefinedOption):
    """Marks a query that reads the collection of a dynamic relationship."""

    propagate_to_loaders = False
    __slots__ = ("attribute", "instance", "queried")

    def __init__(self, instance: object, attribute: str, *, queried: bool) -> None:
        super().__init__()
        self.instance = instance
        self.attribute = attribute
        self.queried = queried


_watchers: tuple[Watcher, ...] = ()
_latent_watchers: tuple[Watcher, ...] = ()
_lock = threading.Lock()
_get_ident = _LazyLoader._get_ident_for_use_get
_generate = _Appender._generate
_instances = loading.instances


def watch(watcher: Watcher) -> None:
    """Call *watcher* for every lazy load of every session before its SQL is sent; what it raises stops the load."""
    _set((*_watchers, watcher), _latent_watchers)


def unwatch(watcher: Watcher) -> None:
    """End :func:`watch`."""
    _set(tuple(each for each in _watchers if each != watcher), _latent_watchers)


def watch_latent(watcher: Watcher) -> None:
    """The same for latent loads only, which costs nothing as long as there are none."""
    _set(_watchers, (*_latent_watchers, watcher))


def unwatch_latent(watcher: Watcher) -> None:
    """End :func:`watch_latent`."""
    _set(_watchers, tuple(each for each in _latent_watchers if each != watcher))


def _set(watchers: tuple[Watcher, ...], latent_watchers: tuple[Watcher, ...]) -> None:
    global _watchers, _latent_watchers
    with _lock:
        if watchers and not _watchers:
            event.listen(Session, "do_orm_execute", _on_execute)
        if _watchers and not watchers:
            event.remove(Session, "do_orm_execute", _on_execute)
        # The identity map has no event. This method is called for a relationship that may be found in it.
        _LazyLoader._get_ident_for_use_get = _on_get_ident if watchers or latent_watchers else _get_ident
        # Whatever is done with a dynamic collection, a plain query is made of it here.
        _Appender._generate = _on_generate if watchers else _generate
        loading.instances = _on_instances if watchers else _instances
        _watchers, _latent_watchers = watchers, latent_watchers


def _on_execute(state: ORMExecuteState) -> None:
    # The handler must return None: anything else would be taken for the statement's result. It runs for every
    # statement, so it asks what is_column_load and is_relationship_load ask, without their detours.
    statement: Any = state.statement
    options: Any = getattr(statement, "_compile_options", None)
    if options is None or not state.is_select:
        return
    # A statement that the application wrote has not even the attributes.
    path: Any = getattr(options, "_current_path", None)
    if getattr(options, "_for_refresh_state", False):
        # Of an object that was loaded along a relationship, SQLAlchemy calls it a relationship load as well.
        _on_column_load(state, options)
    elif path is not None and path.path:
        lazy = state.lazy_loaded_from
        if lazy is not None and is_access(state.session):
            _tell(state.session, "relationship", _steps(path), "", lazy)
    elif statement._with_options:
        for option in statement._with_options:
            if isinstance(option, _DynamicRead):
                parent: InstanceState[Any] = instance_state(option.instance)
                step = Step(_name(parent.mapper), option.attribute, uselist=True)
                _tell(state.session, "dynamic", (step,), "", parent, queried=option.queried)


def _on_instances(cursor: Any, context: Any) -> Any:
    """Give the objects that a statement loads the mark of where they come from."""
    # A refreshed object keeps the mark of the statement that loaded it.
    if context.refresh_state is None and context.compile_state._has_mapper_entities:
        options = context.propagated_loader_options
        if not any(isinstance(option, _Loaded) for option in options):
            context.propagated_loader_options = (*options, _loaded(context))
    return _instances(cursor, context)


def _loaded(context: Any) -> _Loaded:
    parent: InstanceState[Any] | None = context.load_options._lazy_loaded_from
    marks = [option for option in parent.load_options if isinstance(option, _Loaded)] if parent is not None else []
    if marks:
        return marks[0]
    # What is loaded eagerly comes from the statement at the top.
    top = context.top_level_context or context
    mark: _Loaded | None = top.attributes.get(_Loaded)
    if mark is None:
        mark = top.attributes[_Loaded] = _Loaded(application_site(sys._getframe(2)), top.user_passed_query)
    return mark


def _on_column_load(state: ORMExecuteState, options: Any) -> None:
    load_options: Any = state.load_options
    target: InstanceState[Any] | None = load_options._refresh_state
    names: Iterable[str] | None = options._only_load_props
    if target is None or not names or not is_access(state.session):
        return
    expired = target.expired_attributes.intersection(names)
    # All that is expired is loaded at once, as are the deferred columns of a group.
    read = _attribute_read()
    step = Step(_name(target.mapper), read if read in names else ", ".join(sorted(expired or names)))
    path = (*_steps(target.load_path), step)
    _tell(state.session, "expired" if expired else "deferred", path, "", target, partly=not target.expired)


def _attribute_read() -> str:
    """The attribute whose access has led here."""
    found = ""
    for frame in frames(sys._getframe(1)):
        name = frame.f_globals.get("__name__", "")
        if name == "sqlalchemy.orm.attributes" and frame.f_code.co_name == "__get__":
            found = getattr(frame.f_locals.get("self"), "key", "")
        elif not name.startswith(("sqlalchemy.", "alchemove.")):
            break
    return found


def _on_get_ident(self: Any, session: Session, state: InstanceState[Any], passive: PassiveFlag) -> list[Any]:
    identity: list[Any] = _get_ident(self, session, state, passive)
    if passive & PassiveFlag.SQL_OK and state.key is not None and self.key not in state.dict:
        latent = ""
        if all(part is None for part in identity):
            latent = "null"
        elif _is_in_identity_map(session, self.mapper, identity, state):
            latent = "identity map"
        if latent and is_access(session):
            registry = state.load_path if state.load_options else state.mapper._path_registry
            _tell(session, "relationship", _steps(registry[self.parent_property]), latent, state)
    return identity


def _on_generate(self: Any, sess: Session | None = None) -> Any:
    queried = _entered_by() not in _COLLECTING
    return _generate(self, sess).options(_DynamicRead(self.instance, self.attr.key, queried=queried))


def _entered_by() -> str:
    """The function of SQLAlchemy that the application called."""
    found = ""
    for frame in frames(sys._getframe(1)):
        name = frame.f_globals.get("__name__", "")
        if name.startswith("sqlalchemy."):
            found = frame.f_code.co_name
        elif not name.startswith("alchemove."):
            break
    return found


def _is_in_identity_map(session: Session, mapper: Mapper[Any], identity: Sequence[Any], state: Any) -> bool:
    key = mapper.identity_key_from_primary_key(tuple(identity), identity_token=state.identity_token)
    found = session.identity_map.get(key)
    # An expired object is refreshed: then SQL is sent, and told as a column load.
    return found is not None


def is_access(session: Session) -> bool:
    """Whether the application reads an attribute, and the session does not load for an operation of its own."""
    if session._flushing:
        return False
    entry = ""
    for frame in frames(sys._getframe(1)):
        name = frame.f_globals.get("__name__", "")
        if name.startswith("sqlalchemy."):
            entry = name
        elif not name.startswith("alchemove."):
            break
    return entry.startswith(_ACCESS) and not entry.startswith("sqlalchemy.ext.asyncio")


def _tell(
    session: Session,
    kind: Kind,
    path: tuple[Step, ...],
    latent: str,
    state: InstanceState[Any],
    *,
    partly: bool = False,
    queried: bool = False,
) -> None:
    origin = next((option.origin for option in state.load_options if isinstance(option, _Loaded)), None)
    site = application_site(sys._getframe(2))
    load = LazyLoad(kind, path, latent, site, origin, partly, queried)
    for watcher in (*_watchers, *_latent_watchers) if latent else _watchers:
        watcher(load, session)


def _name(mapper: Any) -> str:
    class_ = mapper.class_
    return f"{class_.__module__}.{class_.__qualname__}"


def _steps(path: Any) -> tuple[Step, ...]:
    """The steps of a SQLAlchemy path: entity, attribute, entity, attribute, ..."""
    steps: list[Step] = []
    entity: Any = None
    for element in path.path:
        if isinstance(element, (Mapper, AliasedInsp)):
            entity = element.mapper
        elif entity is not None and isinstance(element, MapperProperty):
            steps.append(Step(_name(entity), element.key, bool(getattr(element, "uselist", False))))
    return tuple(steps)


class Forbidden(AbstractContextManager["Forbidden"]):
    """Lazy loads are forbidden until :meth:`allow` is called or the ``with`` block ends."""

    def __init__(self, *, allow: Iterable[str], only_async: bool) -> None:
        self._allowed = frozenset(allow)
        self._only_async = only_async
        watch(self._refuse)

    def allow(self) -> None:
        """Allow lazy loads again."""
        unwatch(self._refuse)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.allow()

    def _refuse(self, load: LazyLoad, session: Session) -> None:
        name = f"{load.class_.rpartition('.')[2]}.{load.attribute}"
        if load.queried or {name, f"{load.class_}.{load.attribute}"} & self._allowed:
            return
        if self._only_async and not _is_async(session):
            return
        from alchemove.lazy_report import advice

        why = {
            "": "",
            "identity map": " No SQL would be sent now, because the object is in the session's identity map by chance.",
            "null": " No SQL would be sent now, because the foreign key is NULL in this row.",
        }[load.latent]
        raise LazyLoadForbidden(f"{name} would be loaded lazily at {load.site}.{why} {advice(load)}")


def _is_async(session: Session) -> bool:
    from sqlalchemy.ext.asyncio import async_session

    return async_session(session) is not None


def forbid(*, allow: Iterable[str] = (), only_async: bool = False) -> Forbidden:
    """Let every lazy load raise :class:`LazyLoadForbidden`, latent ones too, in all sessions of the process.

    A dynamic relationship is a Query (https://docs.sqlalchemy.org/en/20/orm/large_collections.html#dynamic-relationship-loaders):
    ``user.posts.count()`` sends a statement that stands there, and is allowed; ``for post in user.posts`` is a lazy load.

    As a context manager for the length of its block, otherwise until ``allow()`` of what is returned::

        with alchemove.lazy_loads.forbid():
            client.get("/users/1")

    Args:
        allow: attributes that may still be loaded lazily: ``"User.posts"``, or with the module in front.
        only_async: sessions that belong to no ``AsyncSession`` may still load lazily, as code that stays sync does.
    """
    return Forbidden(allow=allow, only_async=only_async)
