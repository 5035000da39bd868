from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.pool import StaticPool

from alchemove.recording_file import read, write
from alchemove.sql_recording import SqlRecording
from alchemove.verify import main, repeated, verify

from .shop import Base, Comment, Post, User, fill

Document = dict[str, Any]


def recording(*works: Callable[[Session], object]) -> Document:
    """What each of *works* sends, in sections named after them, on a database that is filled anew for each."""
    with SqlRecording() as recorded:
        for work in works:
            recorded.section("filling")
            engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
            Base.metadata.create_all(engine)
            with Session(engine) as session:
                fill(session)
            with Session(engine) as session:
                recorded.section(work.__name__)
                work(session)
                session.rollback()
            recorded.section("filling")
            engine.dispose()
    document = recorded.document()
    del document["sections"]["filling"]
    return document


def names(session: Session) -> None:
    session.scalars(select(User).where(User.name == "ann").order_by(User.id).limit(5)).all()
    session.add(User(name="new"))
    session.commit()
    session.get(Post, 1)


@pytest.fixture(scope="module")
def base() -> Document:
    return recording(names)


def changed(document: Document, change: Callable[[list[dict[str, Any]]], object]) -> Document:
    result = copy.deepcopy(document)
    change(result["sections"]["names"]["entries"])
    return result


def changes(before: Document, after: Document, **options: Any) -> list[tuple[str, ...]]:
    """For each change: which sides there are, and the details."""
    verdict = verify(before, after, **options)
    return [
        ("~" if change.before and change.after else "-" if change.before else "+", *change.details)
        for difference in verdict.different.values()
        for change in difference.changes
    ]


def test_the_same_recording_is_the_same(base: Document) -> None:
    verdict = verify(base, base)
    assert verdict.is_equal
    assert verdict.statements == (3, 3)
    assert verdict.same[-1] == "names"


def test_another_run_is_the_same(base: Document) -> None:
    assert verify(base, recording(names)).is_equal


def test_legacy_query_and_select_are_the_same() -> None:
    def work(session: Session) -> None:
        session.query(User).filter(User.name == "ann").order_by(User.id).all()
        session.query(User.id, Post.title).join(User.posts).filter(Post.title.like("a%")).all()
        session.query(User).options(joinedload(User.posts)).limit(1).all()

    before = recording(work)

    def work(session: Session) -> None:  # type: ignore[no-redef]
        session.scalars(select(User).where(User.name == "ann").order_by(User.id)).all()
        session.execute(select(User.id, Post.title).join(User.posts).where(Post.title.like("a%"))).all()
        session.scalars(select(User).options(joinedload(User.posts)).limit(1)).unique().all()

    after = recording(work)
    assert [e.get("sql") for e in before["sections"]["work"]["entries"]] != [
        e.get("sql") for e in after["sections"]["work"]["entries"]
    ]
    assert verify(before, after).is_equal


def test_a_lost_limit_is_found(base: Document) -> None:
    def lose(entries: list[dict[str, Any]]) -> None:
        entries[1]["sql"] = re.sub(r"\s+LIMIT \? OFFSET \?", "", entries[1]["sql"])

    assert "LIMIT" in base["sections"]["names"]["entries"][1]["sql"]
    assert changes(base, changed(base, lose)) == [("-",), ("+",)]


def test_an_additional_statement_is_found(base: Document) -> None:
    assert changes(base, changed(base, lambda entries: entries.insert(2, dict(entries[1])))) == [("+",)]


def test_a_missing_statement_is_found(base: Document) -> None:
    assert changes(base, changed(base, lambda entries: entries.pop(1))) == [("-",)]


def test_a_changed_order_is_found(base: Document) -> None:
    def swap(entries: list[dict[str, Any]]) -> None:
        entries[1], entries[2] = entries[2], entries[1]

    assert sorted(changes(base, changed(base, swap))) == [("+",), ("-",)]


def test_a_changed_parameter_is_found(base: Document) -> None:
    after = changed(base, lambda entries: entries[1].update(parameters=["bob", 5, 0]))
    assert changes(base, after) == [("~", "parameter 1: 'ann' → 'bob'")]


def test_parameters_in_another_order_are_found(base: Document) -> None:
    after = changed(base, lambda entries: entries[1].update(parameters=["ann", 0, 5]))
    assert changes(base, after) == [("~", "parameter 2: 5 → 0", "parameter 3: 0 → 5")]


def test_a_value_that_asyncpg_gets_in_the_text_is_the_one_that_was_sent_beside_it() -> None:
    def sent(driver: str, style: str, sql: str, parameters: Any) -> Document:
        entry = {"sql": sql, "parameters": parameters, "many": False, "rows": 1, "transaction": 1}
        entry |= {"driver": driver, "style": style, "at": "app.py:1"}
        return {"version": 1, "sections": {"test": {"started": 0.0, "entries": [entry]}}, "latent": []}

    before = sent("psycopg2", "pyformat", "SELECT a FROM t WHERE lower(b) = %(b)s AND c = 1", {"b": "it's"})
    assert verify(
        before, sent("asyncpg", "numeric_dollar", "SELECT a FROM t WHERE lower(b) = 'it''s' AND c = 1", [])
    ).is_equal
    for other in ("lower(b) = 'its' AND c = 1", "lower(b) = 'it''s' AND c = 2", "upper(b) = 'it''s' AND c = 1"):
        assert not verify(before, sent("asyncpg", "numeric_dollar", f"SELECT a FROM t WHERE {other}", [])).is_equal
    assert not verify(
        before, sent("psycopg2", "pyformat", "SELECT a FROM t WHERE lower(b) = 'it''s' AND c = 1", {})
    ).is_equal


def test_changed_rows_and_errors_are_found(base: Document) -> None:
    before = changed(base, lambda entries: entries[2].update(rows=1))
    after = changed(base, lambda entries: entries[2].update(rows=2, error="IntegrityError"))
    assert changes(before, after) == [("~", "rows: 1 → 2", "error: none → IntegrityError")]
    # What a driver does not say is not compared.
    assert changes(before, changed(base, lambda entries: entries[2].update(rows=None))) == []


def test_a_rollback_instead_of_a_commit_is_found(base: Document) -> None:
    def roll_back(entries: list[dict[str, Any]]) -> None:
        [commit] = [entry for entry in entries if entry.get("event") == "COMMIT"]
        commit["event"] = "ROLLBACK"

    assert changes(base, changed(base, roll_back)) == [("~", "COMMIT → ROLLBACK")]


def test_the_end_of_a_transaction_that_only_read_does_not_count() -> None:
    def read(session: Session) -> None:
        session.scalars(select(User)).all()
        session.rollback()

    before = recording(read)

    def read(session: Session) -> None:  # type: ignore[no-redef]
        session.scalars(select(User)).all()
        session.commit()

    assert verify(before, recording(read)).is_equal


def only_selected(sql: str, end: str) -> Document:
    entries = [
        {"event": "BEGIN", "transaction": 1},
        {"sql": sql, "parameters": [], "many": False, "rows": 1, "transaction": 1},
        {"event": end, "transaction": 1},
    ]
    return {"version": 1, "latent": [], "sections": {"t": {"started": 0.0, "entries": entries}}}


@pytest.mark.parametrize("sql", ["SELECT refresh_statistics()", "SELECT nextval('s')", "SELECT a INTO b FROM t"])
def test_the_end_of_a_transaction_counts_where_a_select_may_have_done_something(sql: str) -> None:
    assert not verify(only_selected(sql, "COMMIT"), only_selected(sql, "ROLLBACK")).is_equal


@pytest.mark.parametrize("lock", ["FOR UPDATE", "FOR NO KEY UPDATE", "FOR UPDATE SKIP LOCKED", "FOR SHARE"])
def test_locks_are_released_by_either_end_of_a_transaction(lock: str) -> None:
    sql = f"SELECT a FROM t {lock}"
    assert verify(only_selected(sql, "COMMIT"), only_selected(sql, "ROLLBACK")).is_equal


def test_a_commit_between_two_statements_is_found(base: Document) -> None:
    def split(entries: list[dict[str, Any]]) -> None:
        entries[2:2] = [{"event": "COMMIT", "transaction": 1}, {"event": "BEGIN", "transaction": 7}]
        for entry in entries[4:6]:
            entry["transaction"] = 7

    found = changes(base, changed(base, split))
    assert ("+",) in found
    assert ("~", "in another transaction") in found


def test_a_statement_on_another_connection_is_found(base: Document) -> None:
    after = changed(base, lambda entries: entries[2].update(transaction=9))
    assert ("~", "in another transaction") in changes(base, after)


def test_a_missing_and_an_additional_test_are_found(base: Document) -> None:
    more = copy.deepcopy(base)
    more["sections"]["other"] = {"started": 0.0, "entries": []}
    assert verify(more, base).missing == ["other"]
    assert verify(base, more).additional == ["other"]
    assert not verify(more, base).is_equal
    assert not verify(base, more).is_equal


# -- values that each run makes anew --------------------------------------------------------------------------------


def run(started: float, *parameters: Any) -> Document:
    entries = [
        {"sql": "SELECT ?", "parameters": [value], "many": False, "rows": None, "transaction": 1}
        for value in parameters
    ]
    return {"version": 1, "latent": [], "sections": {"t": {"started": started, "entries": entries}}}


def unique() -> dict[str, str]:
    return {"$uuid": str(uuid.uuid4())}


def test_new_uuids_are_the_same_in_the_same_places() -> None:
    a, b, x, y = unique(), unique(), unique(), unique()
    assert verify(run(0, a, b, a), run(0, x, y, x)).is_equal
    assert not verify(run(0, a, b, a), run(0, x, y, y)).is_equal
    assert not verify(run(0, a, a), run(0, x, y)).is_equal
    assert not verify(run(0, a, b), run(0, x, x)).is_equal


def test_uuids_inside_texts_and_json_are_too() -> None:
    a, x = uuid.uuid4(), uuid.uuid4()
    assert verify(run(0, f'{{"id": "{a}"}}', a.hex, [str(a)]), run(0, f'{{"id": "{x}"}}', x.hex, [str(x)])).is_equal
    assert not verify(run(0, f'{{"id": "{a}"}}'), run(0, f'{{"key": "{x}"}}')).is_equal
    assert not verify(run(0, f"{a}", f"{a}"), run(0, f"{x}", f"{uuid.uuid4()}")).is_equal


def test_times_are_compared_by_their_distance_to_the_start_of_the_test() -> None:
    start, later = datetime(2026, 1, 31, 12, tzinfo=timezone.utc), datetime(2026, 3, 1, 1, tzinfo=timezone.utc)

    def at(moment: datetime, **distance: float) -> list[Any]:
        then = (moment + timedelta(**distance)).replace(tzinfo=None)
        epoch = then.replace(tzinfo=timezone.utc).timestamp()
        return [
            {"$datetime": then.isoformat()},
            f"made {then.isoformat(sep=' ')}Z",
            epoch,
            epoch * 1000,
        ]

    one, other = start.timestamp(), later.timestamp()
    for distance in ({}, {"days": 7}, {"days": -30}, {"seconds": 5}):
        assert verify(run(one, *at(start, **distance)), run(other, *at(later, **distance))).is_equal
    assert not verify(run(one, *at(start, days=7)), run(other, *at(later, days=14))).is_equal
    assert not verify(run(one, *at(start)), run(other, *at(later, hours=1))).is_equal


def test_fixed_times_and_dates_have_to_be_equal() -> None:
    fixed, other = {"$datetime": "2020-01-01T00:00:00"}, {"$datetime": "2020-01-02T00:00:00"}
    assert verify(run(1.7e9, fixed), run(1.8e9, fixed)).is_equal
    assert not verify(run(1.7e9, fixed), run(1.8e9, other)).is_equal
    assert not verify(run(1.7e9, {"$date": "2020-01-01"}), run(1.8e9, {"$date": "2020-01-02"})).is_equal


def test_other_values_have_to_be_equal() -> None:
    pairs: list[tuple[Any, Any]] = [
        (1, 2), ("a", "b"), ("a", None), (True, False), (True, None), ([1], [1, 2]), ({"a": 1}, {"b": 1}), (1, "1"),
        ({"$decimal": "1"}, {"$decimal": "2"}), ("token-abc", "token-xyz"), ({"$bytes": "00"}, {"$bytes": "01"}),
    ]  # fmt: skip
    for ours, theirs in pairs:
        assert not verify(run(1.7e9, ours), run(1.7e9, theirs)).is_equal, (ours, theirs)
    assert verify(run(0, {"$decimal": "1.50"}), run(0, {"$decimal": "1.5"})).is_equal


def test_hashes_with_salt_and_what_the_user_calls_volatile_may_differ() -> None:
    salted = [f"$2b$12${letter * 53}" for letter in "ab"]
    assert verify(run(0, salted[0]), run(0, salted[1])).is_equal
    assert not verify(run(0, "token-abc"), run(0, "token-xyz")).is_equal
    assert verify(run(0, "token-abc"), run(0, "token-xyz"), volatile=[re.compile("token-.*")]).is_equal


# -- eager loads in place of lazy ones ------------------------------------------------------------------------------


def lazily(session: Session) -> list[object]:
    return [
        (user.name, [(post.title, [comment.text for comment in post.comments]) for post in user.posts])
        for user in session.scalars(select(User).order_by(User.id))
    ]


def eagerly(session: Session) -> list[object]:
    return [
        (user.name, [(post.title, [comment.text for comment in post.comments]) for post in user.posts])
        for user in session.scalars(
            select(User).order_by(User.id).options(selectinload(User.posts).selectinload(Post.comments))
        )
    ]


def as_test(work: Callable[[Session], object]) -> Document:
    def test(session: Session) -> None:
        work(session)
        session.commit()

    return recording(test)


def test_selectin_loads_take_the_place_of_lazy_ones() -> None:
    before, after = as_test(lazily), as_test(eagerly)
    assert not verify(before, after).is_equal
    verdict = verify(before, after, allow_eager=True)
    assert verdict.different == {}
    assert (verdict.replaced.lazy, verdict.replaced.eager) == (6, 2)
    assert verdict.statements == (7, 3)


@pytest.mark.parametrize("limit", [None, 1])
def test_joined_loads_do_too(limit: int | None) -> None:
    def before(session: Session) -> None:
        for post in session.scalars(select(Post).where(Post.id > 1).order_by(Post.id).limit(limit)):
            assert post.author is None or post.author.name
        for user in session.scalars(select(User).where(User.id > 0).limit(limit)):
            len(user.posts)

    def after(session: Session) -> None:
        posts = select(Post).where(Post.id > 1).order_by(Post.id).limit(limit).options(joinedload(Post.author))
        for post in session.scalars(posts):
            assert post.author is None or post.author.name
        users = select(User).where(User.id > 0).limit(limit).options(joinedload(User.posts))
        for user in session.scalars(users).unique():
            len(user.posts)

    ours, theirs = as_test(before), as_test(after)
    assert not verify(ours, theirs).is_equal
    assert verify(ours, theirs, allow_eager=True).different == {}


def test_a_latent_lazy_load_may_become_eager() -> None:
    def before(session: Session) -> None:
        users = session.scalars(select(User)).all()
        for post in session.scalars(select(Post)):
            assert post.author in {None, *users}

    def after(session: Session) -> None:
        users = session.scalars(select(User)).all()
        for post in session.scalars(select(Post).options(selectinload(Post.author))):
            assert post.author in {None, *users}

    assert verify(as_test(before), as_test(after), allow_eager=True).different == {}


def test_an_eager_load_that_replaces_nothing_is_found() -> None:
    def before(session: Session) -> None:
        session.scalars(select(User)).all()

    def after(session: Session) -> None:
        session.scalars(select(User).options(selectinload(User.posts))).all()

    verdict = verify(as_test(before), as_test(after), allow_eager=True)
    assert [note for each in verdict.different.values() for note in each.notes] == [
        f"{User.__module__}.User.posts is loaded eagerly now, and nothing in the first recording loads it lazily"
    ]


def test_a_lazy_load_that_nothing_replaces_is_found() -> None:
    def after(session: Session) -> None:
        session.scalars(select(User).order_by(User.id)).all()

    verdict = verify(as_test(lazily), as_test(after), allow_eager=True)
    [difference] = verdict.different.values()
    assert f"{User.__module__}.User.posts was loaded lazily, and nothing loads it now" in difference.notes


def test_what_was_loaded_again_after_it_expired_need_not_come_again() -> None:
    def before(session: Session) -> None:
        user = session.scalars(select(User).where(User.name == "ann")).one()
        assert len(user.posts)
        session.expire(user, ["posts"])
        assert len(user.posts)

    def after(session: Session) -> None:
        user = session.scalars(select(User).where(User.name == "ann").options(selectinload(User.posts))).one()
        assert len(user.posts)

    assert verify(as_test(before), as_test(after), allow_eager=True).different == {}
    assert verify(as_test(after), as_test(before), allow_eager=True).different != {}


def test_a_refresh_of_relationships_is_an_eager_load() -> None:
    def before(session: Session) -> None:
        user = User(name="new")
        session.add(user)
        session.flush()
        assert not user.posts

    def after(session: Session) -> None:
        user = User(name="new")
        session.add(user)
        session.flush()
        session.refresh(user, attribute_names=["posts"])
        assert not user.posts

    def of_columns(session: Session) -> None:
        user = User(name="new")
        session.add(user)
        session.flush()
        session.refresh(user, attribute_names=["name"])
        assert not user.posts

    assert verify(as_test(before), as_test(after), allow_eager=True).different == {}
    assert verify(as_test(before), as_test(after)).different != {}
    assert verify(as_test(before), as_test(of_columns), allow_eager=True).different != {}


def keeping(expire: bool) -> Callable[[Session], object]:
    """Work that reads a user again after a commit, or not."""

    def work(session: Session) -> None:
        user = session.scalars(select(User).where(User.name == "ann").options(selectinload(User.posts))).one()
        session.flush()
        if expire:
            session.expire(user)
        assert user.name == "ann"
        assert len(user.posts)

    return work


def test_what_expired_objects_read_again_may_be_gone() -> None:
    before, after = as_test(keeping(expire=True)), as_test(keeping(expire=False))
    assert not verify(before, after).is_equal
    verdict = verify(before, after, allow_eager=True)
    assert verdict.different == {}
    assert (verdict.replaced.lazy, verdict.replaced.eager, verdict.replaced.again) == (1, 0, 1)


def test_a_new_object_that_begins_with_an_empty_collection_loads_none() -> None:
    def making(**values: object) -> Document:
        def work(session: Session) -> None:
            user = User(name="new", **values)
            session.add(user)
            session.flush()
            user.posts = [Post(title="first")]

        return as_test(work)

    def replacing(session: Session) -> None:
        user = session.scalars(select(User).where(User.name == "ann")).one()
        user.posts = [*user.posts, Post(title="first")]

    def replacing_without(session: Session) -> None:
        session.scalars(select(User).where(User.name == "ann")).one()
        session.add(Post(title="first", author_id=1))

    assert not verify(making(), making(posts=[])).is_equal
    assert verify(making(), making(posts=[]), allow_eager=True).different == {}
    [difference] = verify(as_test(replacing), as_test(replacing_without), allow_eager=True).different.values()
    assert f"{User.__module__}.User.posts was loaded lazily, and nothing loads it now" in difference.notes


def test_reading_more_again_than_before_is_found() -> None:
    before, after = as_test(keeping(expire=False)), as_test(keeping(expire=True))
    [difference] = verify(before, after, allow_eager=True).different.values()
    assert f"columns of {User.__module__}.User are read again 0 → 1 times: more than before" in difference.notes


def test_a_locking_refresh_is_no_reading_again() -> None:
    def work(lock: bool) -> Callable[[Session], object]:
        def refreshing(session: Session) -> None:
            user = session.scalars(select(User).where(User.name == "ann")).one()
            if lock:
                session.refresh(user, with_for_update=True)

        return refreshing

    before = as_test(work(lock=True))
    for entry in before["sections"]["test"]["entries"]:
        # SQLite has no FOR UPDATE.
        if entry.get("load") == "column":
            entry["sql"] += " FOR UPDATE"
    assert not verify(before, as_test(work(lock=False)), allow_eager=True).is_equal


def test_a_lazy_load_may_be_gone_where_the_object_is_still_there() -> None:
    def work(hold: bool) -> Callable[[Session], object]:
        def reading(session: Session) -> None:
            held = session.scalars(select(User)).all()
            if not hold:
                del held
                session.expunge_all()
            post = session.scalars(select(Post).where(Post.id == 1)).one()
            assert post.author is not None

        return reading

    before, after = as_test(work(hold=False)), as_test(work(hold=True))
    assert verify(before, after, allow_eager=True).different == {}
    assert not verify(before, {**after, "latent": []}, allow_eager=True).is_equal


def test_a_transaction_may_begin_later_if_only_reading_again_began_it(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        fill(session)

    def work(expire: bool) -> Document:
        with SqlRecording() as recording, Session(engine, expire_on_commit=expire) as first, Session(engine) as second:
            recording.section("test")
            user = first.scalars(select(User).where(User.name == "ann")).one()
            first.commit()
            assert user.name == "ann"
            second.scalars(select(User).where(User.name == "bob")).one()
            second.commit()
            first.scalars(select(Post).where(Post.id == 1)).one()
        return recording.document()

    before, after = work(expire=True), work(expire=False)
    assert not verify(before, after).is_equal
    assert verify(before, after, allow_eager=True).different == {}
    engine.dispose()


def test_more_lazy_loads_than_before_are_found() -> None:
    verdict = verify(as_test(eagerly), as_test(lazily), allow_eager=True)
    [difference] = verdict.different.values()
    assert any("more than before" in note for note in difference.notes)


def test_fewer_rows_than_the_lazy_loads_brought_are_found() -> None:
    before, after = as_test(lazily), as_test(eagerly)
    for document, rows in ((before, 2), (after, 1)):
        for entry in document["sections"]["test"]["entries"]:
            if entry.get("load"):
                entry["rows"] = rows
    [difference] = verify(before, after, allow_eager=True).different.values()
    assert f"{User.__module__}.User.posts: the lazy loads brought 4 rows, the eager ones bring 1" in difference.notes


@pytest.mark.parametrize(
    "other",
    [
        select(User).where(User.id > 1).order_by(User.id).options(joinedload(User.posts)),
        select(User).order_by(User.id.desc()).options(joinedload(User.posts)),
        select(User).options(joinedload(User.posts)),
        select(User).order_by(User.id).join(User.posts).options(contains_eager(User.posts)),
        select(User).order_by(User.id).options(joinedload(User.posts, innerjoin=True)),
        select(User).order_by(User.id).limit(1).options(joinedload(User.posts)),
    ],
)
def test_other_changes_of_the_statement_are_still_found(other: Any) -> None:
    def before(session: Session) -> None:
        for user in session.scalars(select(User).order_by(User.id)):
            len(user.posts)

    def after(session: Session) -> None:
        for user in session.scalars(other).unique():
            len(user.posts)

    assert not verify(as_test(before), as_test(after), allow_eager=True).is_equal


def test_a_changed_parameter_of_a_joined_statement_is_found() -> None:
    def work(name: str, *options: Any) -> Callable[[Session], None]:
        def inner(session: Session) -> None:
            for user in session.scalars(select(User).where(User.name == name).options(*options)).unique():
                len(user.posts)

        return inner

    before = as_test(work("ann"))
    assert verify(before, as_test(work("ann", joinedload(User.posts))), allow_eager=True).different == {}
    assert not verify(before, as_test(work("bob", joinedload(User.posts))), allow_eager=True).is_equal


def test_writes_are_compared_as_ever_with_allow_eager(base: Document) -> None:
    after = changed(base, lambda entries: entries.pop(2))
    assert not verify(base, after, allow_eager=True).is_equal


# -- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path, base: Document) -> Callable[[Document], list[str]]:
    def written(after: Document) -> list[str]:
        write(base, tmp_path / "before.json")
        write(after, tmp_path / "after.json")
        return [str(tmp_path / "before.json"), str(tmp_path / "after.json")]

    return written


def test_the_command_is_silent_about_what_is_the_same(
    files: Callable[[Document], list[str]], base: Document, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(files(base)) == 0
    assert (
        capsys.readouterr().out
        == "2 sections compared: 2 the same, 0 different; 0 missing, 0 additional; 3 → 3 statements\n"
    )


def test_the_command_shows_differences_by_test_and_exits_with_1(
    files: Callable[[Document], list[str]], base: Document, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(entries: list[dict[str, Any]]) -> None:
        entries[1]["parameters"][0] = "bob"
        del entries[2]

    after = changed(base, change)
    after["sections"]["more"] = {"started": 0.0, "entries": []}
    assert main(files(after)) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "names"
    assert out[1].startswith("  ~ SELECT user_account.id")
    assert "[tests/compat/recorders/test_verify.py:" in out[1]
    assert out[2] == "      parameter 1: 'ann' → 'bob'"
    assert out[3].startswith("  - INSERT INTO user_account")
    assert '["new", "long"]' in out[3]
    assert out[4:6] == ["", "additional test: more"]
    assert out[6].startswith("2 sections compared: 1 the same, 1 different; 0 missing, 1 additional; 3 → 2 statements")


def test_the_command_as_json(
    files: Callable[[Document], list[str]], base: Document, capsys: pytest.CaptureFixture[str]
) -> None:
    after = changed(base, lambda entries: entries.pop(1))
    assert main([*files(after), "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["different"]["names"]["changes"][0]["after"] is None


def test_repeated_points_out_n_plus_one_patterns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = as_test(lazily)
    write(document, tmp_path / "sql.json")
    assert [(each.count, each.sent.attribute) for each in repeated(document)] == [
        (4, f"{Comment.__module__}.Post.comments")
    ]
    assert main([str(tmp_path / "sql.json"), "--repeated"]) == 0
    out = capsys.readouterr().out
    assert "4 times in test" in out
    assert "lazy load of tests.compat.recorders.shop.Post.comments" in out
    assert main([str(tmp_path / "sql.json"), "--repeated", "--least", "9"]) == 0
    assert "No SELECT was sent 9 times or more by one test." in capsys.readouterr().out
    assert repeated(as_test(eagerly)) == []


def test_repeated_does_not_change_the_verdict(files: Callable[[Document], list[str]], base: Document) -> None:
    assert main([*files(base), "--repeated"]) == 0
    assert main([*files(changed(base, lambda entries: entries.pop(1))), "--repeated"]) == 1


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], base: Document) -> None:
    write(base, tmp_path / "a.json")
    (tmp_path / "b.json").write_text("{")
    assert main([str(tmp_path / "a.json"), str(tmp_path / "missing.json")]) == 2
    assert main([str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 2
    assert main([str(tmp_path / "a.json")]) == 2
    err = capsys.readouterr().err
    assert "missing.json" in err
    assert "b.json is no SQL recording of alchemove" in err
    assert "only --repeated takes a single one" in err


def test_events_of_other_listeners_do_not_disturb_the_recording() -> None:
    def work(session: Session) -> None:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *a: (f"{a[2]} -- traced", a[3]), retval=True)
        session.scalars(select(User)).all()

    document = recording(work)
    assert any("FROM user_account" in entry.get("sql", "") for entry in document["sections"]["work"]["entries"])


def test_the_application_needs_none_of_the_codemods_libraries_for_it(
    files: Callable[[Document], list[str]], base: Document
) -> None:
    code = (
        "import sys; from alchemove.__main__ import main; status = main(['verify', *sys.argv[1:]]); "
        "assert not {'libcst', 'rich', 'typer', 'alchemove_codemods'} & sys.modules.keys(); sys.exit(status)"
    )
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "compat")}
    assert subprocess.run([sys.executable, "-c", code, *files(base)], env=path, check=False).returncode == 0


def test_two_recordings_without_a_statement_are_no_success(tmp_path: Path) -> None:
    for name in ("before.json", "after.json"):
        SqlRecording().write(tmp_path / name)
    assert main([str(tmp_path / "before.json"), str(tmp_path / "after.json")]) == 1


# -- how the tests ended --------------------------------------------------------------------------------------------


def ended(document: Document, outcome: str | None) -> Document:
    result = copy.deepcopy(document)
    if outcome:
        result["sections"]["names"]["outcome"] = outcome
    return result


@pytest.mark.parametrize(("before", "after"), [("passed", "failed"), ("failed", "passed"), ("passed", "skipped")])
@pytest.mark.parametrize("options", [{}, {"allow_failed": True}])
def test_a_test_that_ended_otherwise_is_a_difference_although_it_sent_the_same(
    base: Document, before: str, after: str, options: dict[str, Any]
) -> None:
    verdict = verify(ended(base, before), ended(base, after), **options)
    assert not verdict.is_equal
    assert verdict.outcomes == {"names": (before, after)}
    assert verdict.different == {}


@pytest.mark.parametrize("outcome", ["failed", "error"])
def test_a_test_that_failed_in_both_proves_nothing_unless_that_is_allowed(base: Document, outcome: str) -> None:
    both = ended(base, outcome)
    assert verify(both, both).outcomes == {"names": (outcome, outcome)}
    assert verify(both, both, allow_failed=True).is_equal


@pytest.mark.parametrize("outcome", ["passed", "skipped", "xfailed", None])
def test_a_test_that_ended_alike_and_did_not_fail_is_the_same(base: Document, outcome: str | None) -> None:
    assert verify(ended(base, outcome), ended(base, outcome)).is_equal


def test_a_recording_without_outcomes_can_still_be_compared(base: Document) -> None:
    assert verify(base, ended(base, "failed")).is_equal


def test_the_command_shows_how_tests_ended(tmp_path: Path, base: Document, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = str(tmp_path / "before.json"), str(tmp_path / "after.json")
    write(ended(base, "passed"), Path(before))
    write(ended(base, "failed"), Path(after))
    assert main([before, after]) == 1
    assert "passed → failed: names" in capsys.readouterr().out
    assert main([after, after]) == 1
    assert "failed in both: names" in capsys.readouterr().out
    assert main([after, after, "--allow-failed"]) == 0
    assert main([after, "--repeated"]) == 0
    capsys.readouterr()
    assert main([before, after, "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["outcomes"] == {"names": ["passed", "failed"]}


def test_the_worst_of_what_was_told_about_a_test_counts_and_survives_a_merge(tmp_path: Path) -> None:
    worker, controller = SqlRecording(), SqlRecording()
    for outcome in ("passed", "failed", "passed"):
        worker.outcome("a", outcome)
    controller.outcome("b", "failed")
    controller.merge(worker.document())
    controller.write(tmp_path / "sql.json")
    sections = read(tmp_path / "sql.json")["sections"]
    assert {name: section["outcome"] for name, section in sections.items()} == {"a": "failed", "b": "failed"}
