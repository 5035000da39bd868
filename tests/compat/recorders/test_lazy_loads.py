from __future__ import annotations

import asyncio
import gc
import inspect
import pickle
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    immediateload,
    joinedload,
    mapped_column,
    selectinload,
    undefer,
)
from sqlalchemy.pool import StaticPool

import alchemove
from alchemove.lazy_loads import LazyLoad, LazyLoadForbidden, forbid
from alchemove.lazy_report import Recording, advice, option, read, record

from .shop import Base, Comment, Post, Tag, User, fill

HERE = Path(__file__)


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(made)
    with Session(made) as session:
        fill(session)
    yield made
    made.dispose()


def line() -> int:
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def only(recording: Recording) -> LazyLoad:
    [load] = recording.loads
    return load


def names(recording: Recording) -> list[tuple[str, int]]:
    return sorted(
        (f"{load.class_.rpartition('.')[2]}.{load.attribute}", seen.count) for load, seen in recording.loads.items()
    )


def test_a_lazy_load_names_the_attribute_the_line_and_the_statement_that_loaded_the_parent(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        users = session.scalars(select(User).where(User.name == "ann")).all(); loaded = line()  # fmt: skip # noqa: E702
        users[0].posts; read_at = line()  # fmt: skip # noqa: B018, E702
    load = only(recording)
    assert (load.kind, load.class_, load.attribute, load.uselist) == (
        "relationship", f"{User.__module__}.User", "posts", True,
    )  # fmt: skip
    assert (load.site.file, load.site.line) == (str(HERE), read_at)
    assert (
        load.site.function == "test_a_lazy_load_names_the_attribute_the_line_and_the_statement_that_loaded_the_parent"
    )
    assert load.origin is not None
    assert (load.origin.site.file, load.origin.site.line) == (str(HERE), loaded)
    assert load.origin.statement.startswith("SELECT user_account.id")
    assert "WHERE user_account.name = :name_1" in load.origin.statement
    assert option(load) == "selectinload(User.posts)"


def test_an_n_plus_one_is_one_entry_with_its_count(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        for user in session.query(User):
            len(user.posts)
    assert names(recording) == [("User.posts", 2)]


def test_a_scalar_is_advised_to_join_and_a_collection_to_select(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        post = session.scalars(select(Post)).first()
        assert post is not None
        assert post.author is not None
        assert post.tags
    assert sorted(option(load) for load in recording.loads) == ["joinedload(Post.author)", "selectinload(Post.tags)"]


def test_a_nested_lazy_load_leads_from_the_first_statement(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        user = session.scalars(select(User)).first(); loaded = line()  # fmt: skip # noqa: E702
        assert user is not None
        user.posts[0].comments[0].text  # noqa: B018
    nested = [load for load in recording.loads if load.attribute == "comments"]
    assert option(nested[0]) == "selectinload(User.posts).selectinload(Post.comments)"
    assert nested[0].origin is not None
    assert nested[0].origin.site.line == loaded
    assert nested[0].origin.statement.startswith("SELECT user_account.id")


def test_the_advice_cures_what_it_was_given_for(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        for user in session.scalars(
            select(User).options(selectinload(User.posts).selectinload(Post.comments), undefer(User.bio))
        ):
            assert user.bio
            assert [comment.text for post in user.posts for comment in post.comments]
    assert names(recording) == []


def test_what_sits_in_the_identity_map_is_recorded_as_latent(engine: Engine) -> None:
    # No SQL is sent: a recorder that watches statements sees nothing, and production fails.
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    with Session(engine) as session, record() as recording:
        users = session.scalars(select(User)).all()
        post = session.scalars(select(Post).where(Post.id == 1)).one()
        sent = len(statements)
        assert post.author is users[0]
        assert len(statements) == sent
    load = only(recording)
    assert (load.attribute, load.latent) == ("author", "identity map")
    assert option(load) == "joinedload(Post.author)"
    assert load.origin is not None
    assert "FROM post" in load.origin.statement


def test_a_null_foreign_key_is_latent_too(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        post = session.scalars(select(Post).where(Post.author_id.is_(None))).one()
        assert post.author is None
    assert only(recording).latent == "null"


def test_what_was_loaded_eagerly_is_neither_lazy_nor_latent(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        session.scalars(select(User)).all()
        for post in session.scalars(select(Post).options(joinedload(Post.author), immediateload(Post.tags))):
            post.author  # noqa: B018
            post.tags  # noqa: B018
    assert names(recording) == []


def test_deferred_columns_are_recorded(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        user = session.scalars(select(User)).first()
        assert user is not None
        assert user.bio == "long"
    load = only(recording)
    assert (load.kind, load.attribute) == ("deferred", "bio")
    assert option(load) == "undefer(User.bio)"


def test_a_deferred_column_of_a_related_object_is_advised_with_its_path(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        post = session.scalars(select(Post).options(joinedload(Post.author))).first()
        assert post is not None
        assert post.author is not None
        assert post.author.bio == "long"
    assert option(only(recording)) == "joinedload(Post.author).undefer(User.bio)"


@pytest.mark.parametrize("expire", ["commit", "rollback", "expire_all"])
def test_expired_attributes_are_recorded(engine: Engine, expire: str) -> None:
    with Session(engine) as session:
        user = session.scalars(select(User)).first()
        assert user is not None
        with record() as recording:
            getattr(session, expire)()
            assert user.name == "ann"
    load = only(recording)
    assert (load.kind, load.attribute, load.partly) == ("expired", "name", False)
    assert "expire_on_commit=False" in advice(load)


def test_a_value_that_the_server_makes_on_update_is_recorded(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        user = session.scalars(select(User)).first()
        assert user is not None
        user.name = "new"
        session.flush()
        assert user.changed
    load = only(recording)
    assert (load.kind, load.attribute, load.partly) == ("expired", "changed", True)
    assert "eager_defaults" in advice(load)


def test_the_collection_of_a_new_object_is_advised_to_be_refreshed(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        user = User(name="new")
        session.add(user)
        session.flush()
        assert user.posts == []
    load = only(recording)
    assert load.origin is None
    assert "session.refresh(object, attribute_names=['posts'])" in advice(load)


def test_appending_to_an_unloaded_collection_is_a_lazy_load(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        user = session.scalars(select(User)).first()
        assert user is not None
        user.posts.append(Post(title="x"))
    assert names(recording) == [("User.posts", 1)]


def test_dynamic_relationships_are_recorded_however_they_are_read(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        user = session.scalars(select(User)).first()
        assert user is not None
        assert len(user.feed.all()) == 2
        assert user.feed.filter(Post.title == "ann 1").count() == 1
        assert user.feed.order_by(Post.id.desc()).first()
        assert [post.id for post in user.feed]
        session.query(Post).filter(Post.author_id == user.id).all()
    assert {load.kind for load in recording.loads} == {"dynamic"}
    assert names(recording) == [("User.feed", 1)] * 4
    assert "with_parent(object, User.feed)" in advice(next(iter(recording.loads)))


def test_operations_of_the_session_are_no_lazy_loads(engine: Engine) -> None:
    # Each of them loads relationships or columns by itself; with an AsyncSession it is awaited.
    with Session(engine) as session, record() as recording:
        post = session.get(Post, 1)
        assert post is not None
        session.refresh(post)
        session.refresh(post, ["comments"])
        session.delete(post)
        session.flush()
        other = session.get(Post, 2)
        assert other is not None
        session.expire(other)
        session.delete(other)
        session.commit()
        session.merge(Post(id=3, title="merged"))
        session.commit()
        user = session.get(User, 1)
        assert user is not None
        Post(title="by backref", author=user)
    assert names(recording) == []


def test_recording_changes_neither_the_statements_nor_the_results(engine: Engine) -> None:
    def work() -> list[object]:
        statements: list[object] = []
        listener = lambda *args: statements.append((args[2], args[3]))  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        with Session(engine) as session:
            for user in session.query(User).options(selectinload(User.posts)).order_by(User.id):
                statements.extend((post.title, len(post.comments), len(post.tags)) for post in user.posts)
            statements.append(session.execute(select(Post.title, User.name).join(Post.author)).all())
            statements.append(session.get(Comment, 1).post.author.bio)  # type: ignore[union-attr]
            statements.append(session.scalar(select(Tag.name).limit(1)))
        event.remove(engine, "before_cursor_execute", listener)
        return statements

    plain = work()
    with record():
        assert work() == plain
    assert work() == plain


def test_after_the_block_nothing_is_left_in_place(engine: Engine) -> None:
    from alchemove import lazy_loads

    before = lazy_loads._LazyLoader._get_ident_for_use_get
    with record(), record():
        assert lazy_loads._LazyLoader._get_ident_for_use_get is not before
    assert lazy_loads._LazyLoader._get_ident_for_use_get is before
    assert not event.contains(Session, "do_orm_execute", lazy_loads._on_execute)


def test_loaded_objects_can_still_be_pickled(engine: Engine) -> None:
    with Session(engine) as session:
        with record():
            user = session.scalars(select(User)).first()
        copy = pickle.loads(pickle.dumps(user))
        session.expunge_all()
        session.add(copy)
        with record() as recording:
            assert copy.posts
    load = only(recording)
    assert load.origin is not None
    assert load.origin.statement.startswith("SELECT user_account.id")


def test_recording_keeps_no_object_alive(engine: Engine) -> None:
    with Session(engine) as session, record():
        session.scalars(select(User)).all()[0].posts  # noqa: B018
        session.expunge_all()
        gc.collect()
        assert not [each for each in gc.get_objects() if isinstance(each, User)]


async def test_with_an_async_session_the_load_is_recorded_although_it_fails(tmp_path: Path) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'db'}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        await session.run_sync(fill)
    async with AsyncSession(engine) as session:
        with record() as recording:
            user = (await session.scalars(select(User))).first(); loaded = line()  # fmt: skip # noqa: E702
            assert user is not None
            with pytest.raises((MissingGreenlet, StatementError)):
                user.posts  # noqa: B018
            await session.refresh(user, ["posts"])
            assert len(user.posts) == 2
    await engine.dispose()
    load = only(recording)
    assert load.site.function == "test_with_an_async_session_the_load_is_recorded_although_it_fails"
    assert load.site.line == loaded + 3
    assert load.origin is not None
    # Past the border between the greenlet and the coroutine that waits for it.
    assert (load.origin.site.file, load.origin.site.line) == (str(HERE), loaded)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_response_model_names_the_endpoint(engine: Engine, colour: str) -> None:
    pytest.importorskip("fastapi")
    from fastapi import Depends, FastAPI
    from fastapi.testclient import TestClient
    from pydantic import BaseModel, ConfigDict

    class PostOut(BaseModel):
        model_config = ConfigDict(from_attributes=True)
        title: str

    class UserOut(BaseModel):
        model_config = ConfigDict(from_attributes=True)
        name: str
        posts: list[PostOut]

    def get_db() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    api = FastAPI()

    if colour == "sync":

        @api.get("/users", response_model=list[UserOut])
        def read_users(db: Any = Depends(get_db)) -> Any:  # noqa: B008, FAST002
            return db.scalars(select(User)).all()

    else:

        @api.get("/users", response_model=list[UserOut])
        async def read_users(db: Any = Depends(get_db)) -> Any:  # noqa: B008, FAST002
            return db.scalars(select(User)).all()

    with TestClient(api) as client, record() as recording:
        assert len(client.get("/users").json()[0]["posts"]) == 2
    # pydantic reads the attributes after the endpoint has returned: no line of the application is on the stack.
    load = only(recording)
    assert load.site.function == "read_users"
    assert load.site.file == str(HERE)


def test_a_recording_is_written_and_read_again(engine: Engine, tmp_path: Path) -> None:
    with Session(engine) as session, record() as recording:
        recording.test = "test_one"
        for user in session.scalars(select(User)):
            len(user.posts)
        recording.test = "test_two"
        session.expire_all()
        assert session.get(User, 1).posts[0].author  # type: ignore[union-attr]
    path = tmp_path / "sub" / "loads.json"
    recording.write(path)
    again = read(path)
    assert again.document() == recording.document()
    [entry] = [
        each for each in again.document()["loads"] if each["attribute"] == "posts" and "test_one" in each["tests"]
    ]
    assert entry["tests"] == {"test_one": 2}
    assert entry["advice"].startswith("Add .options(selectinload(User.posts)) to the statement at ")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 7, "loads": []}', '{"version": 1, "loads": [{}]}'])
def test_a_file_that_is_no_recording_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"x\.json is no recording of lazy loads"):
        read(path)


def test_the_report_says_which_option_goes_where(engine: Engine) -> None:
    with Session(engine) as session, record() as recording:
        recording.test = "t"
        for user in session.scalars(select(User)):
            for post in user.posts:
                assert post.author
    text = recording.report()
    assert "    add selectinload(User.posts)\n" in text
    assert "    add selectinload(User.posts).joinedload(Post.author)\n" in text
    assert "read User.posts, 2 times, up to 2 in one test" in text
    assert "read Post.author, 4 times, up to 4 in one test, latent (identity map)" in text
    assert text.endswith("6 lazy loads (4 latent) at 2 lines\n")
    assert Recording().report() == "No lazy loads.\n"


# -- forbidding -----------------------------------------------------------------------------------------------------


def test_forbid_raises_before_any_sql_and_says_what_to_do(engine: Engine) -> None:
    statements: list[str] = []
    with Session(engine) as session:
        user = session.scalars(select(User)).first()
        assert user is not None
        event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        with (
            alchemove.lazy_loads.forbid(),
            pytest.raises(LazyLoadForbidden, match=r"User\.posts would be loaded lazily at"),
        ):
            user.posts  # noqa: B018
        assert statements == []
        assert len(user.posts) == 2


def test_forbid_names_the_option_for_objects_loaded_while_it_was_in_force(engine: Engine) -> None:
    with Session(engine) as session, forbid():
        user = session.scalars(select(User)).first()
        with pytest.raises(
            LazyLoadForbidden, match=r"Add \.options\(selectinload\(User\.posts\)\) to the statement at"
        ):
            user.posts  # type: ignore[union-attr]  # noqa: B018


def test_forbid_raises_for_latent_loads_too(engine: Engine) -> None:
    with Session(engine) as session, forbid():
        users = session.scalars(select(User)).all()
        posts = session.scalars(select(Post).order_by(Post.id)).all()
        with pytest.raises(LazyLoadForbidden, match="identity map by chance"):
            posts[0].author  # noqa: B018
        with pytest.raises(LazyLoadForbidden, match="foreign key is NULL"):
            posts[-1].author  # noqa: B018
        assert users


def test_forbid_lets_the_session_work(engine: Engine) -> None:
    with Session(engine) as session, forbid():
        post = session.get(Post, 1)
        assert post is not None
        session.refresh(post)
        session.delete(post)
        session.commit()
        for user in session.scalars(select(User).options(selectinload(User.posts))):
            assert user.posts


def test_forbid_can_be_left_in_force_and_ended(engine: Engine) -> None:
    forbidden = forbid()
    try:
        with Session(engine) as session, pytest.raises(LazyLoadForbidden):
            session.scalars(select(User)).first().posts  # type: ignore[union-attr]  # noqa: B018
    finally:
        forbidden.allow()
    with Session(engine) as session:
        assert session.scalars(select(User)).first().posts  # type: ignore[union-attr]


def test_forbid_makes_exceptions(engine: Engine) -> None:
    with Session(engine) as session, forbid(allow=["User.posts", f"{User.__module__}.User.bio"]):
        user = session.scalars(select(User)).first()
        assert user is not None
        assert user.posts
        assert user.bio
        with pytest.raises(LazyLoadForbidden):
            user.posts[0].comments  # noqa: B018


def test_forbid_lets_a_dynamic_relationship_be_queried_and_not_be_used_as_a_list(engine: Engine) -> None:
    with Session(engine) as session, record() as recording, forbid():
        user = session.scalars(select(User)).first()
        assert user is not None
        assert user.feed.count() == len(user.feed.all()) == 2
        assert user.feed.order_by(Post.id.desc()).limit(1).one() is user.feed.filter(Post.id == 2).first()
        assert len(list(user.feed.where(Post.id > 0))) == 2
        for used in (list, lambda posts: posts[0], lambda posts: [post.id for post in posts]):
            with pytest.raises(LazyLoadForbidden, match=r"User\.feed would be loaded lazily"):
                used(user.feed)
    assert {load.queried for load in recording.loads} == {True, False}


async def test_forbid_can_leave_sync_sessions_alone(engine: Engine, tmp_path: Path) -> None:
    async_engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'db'}")
    async with async_engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    with forbid(only_async=True):
        with Session(engine) as session:
            assert session.scalars(select(User)).first().posts  # type: ignore[union-attr]
        async with AsyncSession(async_engine) as async_session_:
            await async_session_.run_sync(fill)
            user = (await async_session_.scalars(select(User))).first()
            with pytest.raises(LazyLoadForbidden):
                user.posts  # type: ignore[union-attr]  # noqa: B018
    await async_engine.dispose()


def test_importing_alchemove_does_not_import_the_orm() -> None:
    code = "import sys, alchemove; assert 'sqlalchemy' not in sys.modules; alchemove.lazy_loads.forbid"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("eager_defaults", [False, True])
def test_eager_defaults_fetch_what_the_server_makes_of_an_update_so_that_a_coroutine_can_read_it(
    eager_defaults: bool,
) -> None:
    class Base(DeclarativeBase):
        pass

    class Note(Base):
        __tablename__ = "note"
        __mapper_args__ = {"eager_defaults": eager_defaults}  # noqa: RUF012
        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str]
        changed: Mapped[datetime | None] = mapped_column(onupdate=func.now())

    async def main() -> datetime | None:
        engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            async with AsyncSession(engine, expire_on_commit=False) as session:
                note = Note(text="a")
                session.add(note)
                await session.commit()
                note.text = "b"
                await session.flush()
                return note.changed
        finally:
            await engine.dispose()

    if eager_defaults:
        assert asyncio.run(main()) is not None
    else:
        with pytest.raises((MissingGreenlet, StatementError), match="greenlet_spawn"):
            asyncio.run(main())
