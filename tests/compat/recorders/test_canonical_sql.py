"""What does not matter in SQL text, tried on what SQLAlchemy and the drivers really write."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Select, func, select, union, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Query, aliased, joinedload

from alchemove.canonical_sql import Canonical, canonical
from alchemove.literals import literal
from alchemove.recorded_values import encoded
from alchemove.written_values import Written

from .shop import Post, User


def of(statement: Select[tuple[object, ...]] | object, dialect: object = None) -> Canonical:
    chosen = dialect or postgresql.psycopg2.dialect()  # type: ignore[attr-defined]
    return canonical(str(statement.compile(dialect=chosen)), chosen.paramstyle)  # type: ignore[attr-defined]


STATEMENTS = {
    "simple": select(User).where(User.name == "x"),
    "columns": select(User.id, User.name).order_by(User.name.desc()).limit(3).offset(1),
    "join": select(User, Post).join(User.posts).where(Post.title.like("a%")),
    "alias": select(User, aliased(User)).where(User.id > 1),
    "joined eager": select(Post).options(joinedload(Post.author)),
    "limited joined eager": select(User).options(joinedload(User.posts)).limit(2),
    "exists": select(User).where(User.posts.any(Post.title == "x")),
    "scalar subquery": select(
        User.name, select(func.count(Post.id)).where(Post.author_id == User.id).scalar_subquery()
    ),
    "group": select(Post.author_id, func.count()).group_by(Post.author_id).having(func.count() > 1),
    "in": select(User).where(User.id.in_([1, 2, 3])),
    "update": select(User).with_for_update(),
}


def with_label_style(statement: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
    return statement.set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)


@pytest.mark.parametrize("name", STATEMENTS)
def test_labels_do_not_count(name: str) -> None:
    statement = STATEMENTS[name]
    assert str(statement) != str(with_label_style(statement))
    assert of(statement) == of(with_label_style(statement))


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_style_of_parameters_and_the_casts_of_a_driver_do_not_count(name: str) -> None:
    statement = STATEMENTS[name]
    ours, theirs = of(statement), of(statement, postgresql.asyncpg.dialect())  # type: ignore[attr-defined]
    assert ours.tokens == theirs.tokens
    assert len(ours.keys) == len(theirs.keys) == len(theirs.casts)


def test_a_table_that_stands_there_once_may_have_an_alias() -> None:
    plain = canonical("SELECT a.x FROM a, b WHERE b.y = a.y")
    assert canonical("SELECT a.x FROM a, b AS b_1 WHERE b_1.y = a.y") == plain
    assert canonical("SELECT a.x FROM a, b AS b_1, b WHERE b.y = a.y") != plain
    assert canonical("SELECT a.x FROM a, c AS b WHERE b.y = a.y") != plain


def test_every_statement_differs_from_every_other() -> None:
    found = {of(statement).tokens for statement in STATEMENTS.values()}
    assert len(found) == len(STATEMENTS)


def subqueries(label: bool) -> list[object]:
    def styled(statement: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
        return with_label_style(statement) if label else statement

    inner = styled(select(User.id, User.name).where(User.id > 1)).subquery()
    entity = aliased(User, inner)
    both = styled(select(User.id, User.name)).union(styled(select(Post.id, Post.title))).subquery()
    cte = styled(select(Post.author_id, func.count(Post.id))).cte()
    return [
        select(entity).order_by(entity.name),
        select(func.count()).select_from(inner),
        select(list(both.c)[1], next(iter(both.c))),
        select(list(cte.c)[1]).where(next(iter(cte.c)) == 5),
        select(User).join(cte, next(iter(cte.c)) == User.id),
    ]


@pytest.mark.parametrize("number", range(5))
def test_references_to_labels_of_a_subquery_are_by_position(number: int) -> None:
    plain, labelled = subqueries(label=False)[number], subqueries(label=True)[number]
    assert str(plain) != str(labelled)
    assert of(plain) == of(labelled)


def test_a_reference_to_another_column_of_a_subquery_counts() -> None:
    inner = select(User.id, User.name).subquery()
    assert of(select(inner.c.id)) != of(select(inner.c.name))
    swapped = with_label_style(select(User.name, User.id)).subquery()
    assert of(select(inner.c.id)) != of(select(list(swapped.c)[1]))


def test_names_of_aliases_do_not_count_but_their_use_does() -> None:
    one, other = aliased(User, name="a"), aliased(User, name="b")
    again, another = aliased(User, name="x"), aliased(User, name="y")
    assert of(select(one.id, other.name)) == of(select(again.id, another.name))
    assert of(select(one.id, other.name)) != of(select(one.id, one.name).join(other, other.id == 1))
    assert of(select(one).join(other, one.id == other.id).where(one.id == 1)) != of(
        select(one).join(other, one.id == other.id).where(other.id == 1)
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("SELECT a,b  FROM t", "select_a"),
        ("SELECT a FROM t LIMIT 1", "SELECT a FROM t"),
        ("SELECT a FROM t", "SELECT DISTINCT a FROM t"),
        ("SELECT a, b FROM t", "SELECT b, a FROM t"),
        ("SELECT a AS b, b AS a FROM t", "SELECT b AS a, a AS b FROM t"),
        ("SELECT a FROM t WHERE x = 1", "SELECT a FROM t WHERE x = 2"),
        ("SELECT a FROM t WHERE x = 'A'", "SELECT a FROM t WHERE x = 'a'"),
        ("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC"),
        ("SELECT a FROM t JOIN u ON t.i = u.i", "SELECT a FROM t LEFT OUTER JOIN u ON t.i = u.i"),
        ("SELECT a FROM t FOR UPDATE", "SELECT a FROM t"),
        ("SELECT CAST(a AS INTEGER) FROM t", "SELECT CAST(a AS TEXT) FROM t"),
        ("SELECT a FROM t UNION SELECT a FROM u", "SELECT a FROM t UNION ALL SELECT a FROM u"),
        ("SELECT count(a) FROM t", "SELECT count(*) FROM t"),
    ],
)
def test_what_counts(left: str, right: str) -> None:
    assert canonical(left).tokens != canonical(right).tokens


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("SELECT  a ,\n b FROM t -- why", "SELECT a, b /* trace */ FROM t"),
        ("SELECT a AS x FROM t ORDER BY x", "SELECT a AS y FROM t ORDER BY y"),
        ("SELECT t.a AS x FROM t AS t1 WHERE t1.b", "SELECT t.a FROM t AS other WHERE other.b"),
        ("WITH c AS (SELECT a AS x FROM t) SELECT c.x FROM c", "WITH d AS (SELECT a AS y FROM t) SELECT d.y FROM d"),
        ("INSERT INTO t (a) VALUES (?) RETURNING t.id AS x", "INSERT INTO t (a) VALUES (?) RETURNING t.id"),
    ],
)
def test_what_does_not_count(left: str, right: str) -> None:
    assert canonical(left).tokens == canonical(right).tokens


def test_parameters_are_found_in_every_style_and_nowhere_else() -> None:
    text = "SELECT 'a ? %% :b $1', \"c?\" FROM t WHERE x = {} AND y = {} AND z % 2 = 1"
    styles = {
        "qmark": text.format("?", "?"),
        "format": text.replace("z % 2", "z %% 2").format("%s", "%s"),
        "pyformat": text.replace("z % 2", "z %% 2").format("%(one)s", "%(two_1)s"),
        "named": text.format(":one", ":two_1"),
        "numeric_dollar": text.format("$1::INTEGER", "$2::TIMESTAMP(3) WITH TIME ZONE"),
        "numeric": text.format(":1", ":2"),
    }
    found = {style: canonical(sql, style) for style, sql in styles.items()}
    assert {each.tokens[-13:] for each in found.values()} == {found["qmark"].tokens[-13:]}
    assert found["qmark"].keys == found["format"].keys == found["numeric"].keys == (0, 1)
    assert found["pyformat"].keys == found["named"].keys == ("one", "two_1")
    assert found["numeric_dollar"].casts == ("INTEGER", "TIMESTAMP ( 3 ) WITH TIME ZONE")


def test_a_numbered_parameter_that_is_used_twice_has_its_value_twice() -> None:
    assert canonical("SELECT $2, $1, $2", "numeric_dollar").keys == (1, 0, 1)


def test_queries_and_selects_of_the_equivalence_tables_are_alike() -> None:
    ua = aliased(
        User, union(with_label_style(select(User).where(User.id == 1)), with_label_style(select(User))).subquery()
    )
    legacy = Query(User).filter(User.id == 1).union(Query(User))
    assert of(legacy.statement) == of(with_label_style(select(ua)))
    assert of(union_all(select(User.id), select(Post.id))) != of(union(select(User.id), select(Post.id)))


def test_sqlite_and_postgresql_write_alike_what_they_write_alike() -> None:
    statement = select(User).where(User.name == "x")
    assert of(statement).tokens == of(statement, sqlite.dialect()).tokens  # type: ignore[attr-defined]


def test_any_text_is_taken() -> None:
    for text in (
        "",
        "'",
        '"',
        "(",
        ")",
        "SELECT",
        "SELECT (",
        ")) AS x",
        "AS AS AS",
        "::",
        "?::",
        "? :: (",
        "\0",
        "é ~ ☃",
    ):
        canonical(text)
        canonical(text, "pyformat")


def test_a_backslash_ends_no_text_but_in_one_that_says_so() -> None:
    ours = canonical(r"SELECT a FROM t WHERE a ILIKE %(a)s ESCAPE '\' AND b = %(b)s", "pyformat")
    theirs = canonical(r"SELECT a FROM t WHERE a ILIKE $1 ESCAPE '\' AND b = $2", "numeric_dollar")
    assert ours.tokens == theirs.tokens
    assert canonical(r"SELECT E'it\'s %(a)s'", "pyformat").keys == ()


WRITTEN = "SELECT a, CASE WHEN b = 'it''s' THEN -1 ELSE 2.5 END FROM t WHERE c = '2026-01-01'::date AND d IS NULL AND e - 3 > $1::NUMERIC(10, 2)"
SENT = "SELECT a, CASE WHEN b = %(b)s THEN %(x)s ELSE %(y)s END FROM t WHERE c = %(c)s AND d IS NULL AND e - 3 > %(e)s"


def test_values_in_the_text_are_parameters_if_that_is_asked_for() -> None:
    ours, theirs = canonical(WRITTEN, "numeric_dollar", written=True), canonical(SENT, "pyformat", written=True)
    assert ours.tokens == theirs.tokens
    assert ours.keys == ("'it''s'", "-1", "2.5", "'2026-01-01'", "NULL", "3", 0)
    assert theirs.keys == ("b", "x", "y", "c", "NULL", "3", "e")
    assert ours.casts == ("", "", "", "DATE", "", "", "NUMERIC ( 10 , 2 )")
    assert canonical(WRITTEN, "numeric_dollar").tokens != canonical(SENT, "pyformat").tokens


@pytest.mark.parametrize(
    "value",
    [
        *("a", "it's", "\\", "50 %", "%(a)s", "E'x'", "\\x41 '' \\\\", "", 5, -5, 2**70, 1.5, -1e20, True, False, None),
        *(Decimal("1.50"), uuid.UUID(int=5), b"\x00'", date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, 6)),  # noqa: DTZ001
        *(datetime(2026, 1, 2, tzinfo=timezone.utc), time(1, 2, 3), timedelta(-1, 5, 7), timedelta(3)),
    ],
)
def test_a_value_is_read_as_it_was_written(value: object) -> None:
    [token] = canonical(f"SELECT a = {literal(value)}", "numeric_dollar", written=True).keys
    assert isinstance(token, Written)
    recorded = encoded(value)
    read = token.as_kind_of(recorded)
    assert read == recorded
    assert type(read) is type(recorded) or isinstance(recorded, float)
