"""Functions that nobody wrote, with sessions of their own: opened, committed, rolled back and closed in many ways around any work."""

from __future__ import annotations

import random
import textwrap
from dataclasses import dataclass, field

HEADER = """from contextlib import closing, contextmanager

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bank import Account, Entry, notify
from bank_legacy import SessionLocal, get_db_session
from working import *


@contextmanager
def session_scope():
    db = SessionLocal()
    try:
        yield db
        db.commit()
    except Exception:
        db.rollback()
        raise
    finally:
        db.close()


@contextmanager
def opened():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
"""
WORKING = """
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bank import Account, Entry, notify


def load(db, key):
    return db.get(Account, key)


def by_name(db, name):
    return db.query(Account).filter(Account.name == name).first()


def paid(db, account, amount):
    account.balance += amount
    db.add(Entry(amount=amount, account_id=account.id))
    return account


def stored(db, thing):
    db.add(thing)
    db.commit()
    db.refresh(thing)
    return thing


def tried(db, name):
    db.add(Account(name=name))
    try:
        db.flush()
    except IntegrityError:
        db.rollback()
        return False
    return True


def names(db):
    return [a.name for a in db.scalars(select(Account).order_by(Account.id))]


class Bank:
    def __init__(self, db):
        self.db = db

    def find(self, key):
        return self.db.get(Account, key)

    def open(self, name):
        account = Account(name=name)
        self.db.add(account)
        self.db.flush()
        return account

    def save(self):
        self.db.commit()
"""
FILES = {"working.py": WORKING}
_LOADED = [
    "account = db.get(Account, kind)",
    "account = db.query(Account).filter_by(name='ben').first()",
    "account = db.query(Account).filter(Account.id == kind).one_or_none()",
    "account = db.scalars(select(Account).where(Account.name == 'cleo')).one()",
    "account = load(db, 1)",
    "account = by_name(db, 'ada')",
    "account = Bank(db).find(2)",
    "account = Bank(db).open('dora')",
    "account = Account(name='dora', balance=kind)\ndb.add(account)",
    "account = Account(name='ada' if kind == 2 else 'emil')\ndb.add(account)\ndb.flush()",
    "account = stored(db, Account(name='kept'))",
]
_WORKED = [
    "account.balance += 5",
    "account.name = 'ada' if kind == 3 else 'zed'",
    "account.balance = account.balance * 2",
    "db.add(Entry(amount=3, account_id=account.id))",
    "db.add(Entry(amount=3, account_id=99 if kind == 2 else 1))",
    "account.entries.append(Entry(amount=4))",
    "paid(db, account, 7)",
    "db.delete(account)",
    "db.refresh(account)",
    "db.expunge(account)",
    "stored(db, Entry(amount=1, account_id=2))",
    "notify(account.balance)",
    "seen.append(account.balance)",
    "seen.append(account.name)",
    "seen.extend(e.amount for e in account.entries)",
    "for entry in account.entries:\n    entry.amount += 1",
]
_ANYWHERE = [
    "db.add(Account(name='fred'))",
    "db.add_all([Account(name='gina'), Account(name='ada' if kind == 3 else 'hugo')])",
    "db.execute(update(Account).where(Account.id == 2).values(balance=1))",
    "db.query(Entry).filter(Entry.amount > 9).delete()",
    "seen.append(db.query(Account).count())",
    "seen.append(db.scalar(select(func.sum(Account.balance))))",
    "seen.extend(names(db))",
    "seen.append(tried(db, 'ben'))",
    "notify('working')",
    "with db.begin_nested():\n    db.add(Account(name='nested'))",
    "try:\n    with db.begin_nested():\n        db.add(Account(name='ben'))\nexcept IntegrityError:\n    seen.append('clash')",
    "Bank(db).save()",
    "for row in db.query(Account).order_by(Account.id):\n    row.balance += 1",
    "for row in db.query(Account).all():\n    row.balance += 1\n    db.commit()",
    "try:\n    db.flush()\nexcept SQLAlchemyError:\n    db.rollback()",
    "try:\n    db.commit()\nexcept SQLAlchemyError:\n    db.rollback()\n    seen.append('failed')",
    "try:\n    db.commit()\nexcept Exception:\n    db.rollback()\n    raise",
]
_LEFT = [
    "if kind == 2:\n    return seen",
    "if kind == 2:\n    raise ValueError('two')",
    "if account is None:\n    return None",
    "if kind == 3:\n    db.rollback()\n    return None",
    "if kind == 2:\n    db.commit()\n    return account.id",
    "if not seen:\n    db.close()\n    return 'nothing'",
]
_GIVEN = [
    "return seen",
    "return account",
    "return account.id",
    "return account.balance",
    "return [account.name, account.balance]",
    "return account.entries",
    "return {'label': account.label, 'seen': seen}",
    "notify('done')\nreturn seen",
]
_WITH = [
    "SessionLocal() as db",
    "session_scope() as db",
    "opened() as db",
    "get_db_session() as db",
    "closing(SessionLocal()) as db",
]
_HANDLED = [
    "except Exception:\n    db.rollback()\n    raise",
    "except SQLAlchemyError:\n    db.rollback()\n    raise",
    "except Exception as error:\n    db.rollback()\n    seen.append(type(error).__name__)",
    "except IntegrityError:\n    db.rollback()\n    return 'clash'",
    "except SQLAlchemyError as error:\n    db.rollback()\n    notify('failed')\n    raise RuntimeError('failed') from error",
    "except Exception:\n    notify('failed')\n    raise",
]


@dataclass(slots=True)
class _Function:
    """One function that is being written."""

    chance: random.Random
    lines: list[str] = field(default_factory=list)

    def write(self, text: str, indent: int) -> None:
        self.lines += textwrap.indent(text, "    " * indent).split("\n")

    def work(self, indent: int, least: int, most: int) -> None:
        for _ in range(self.chance.randint(least, most)):
            share = self.chance.random()
            if share < 0.5:
                self.write(self.chance.choice(_WORKED), indent)
            elif share < 0.75:
                self.write(self.chance.choice(_ANYWHERE), indent)
            elif share < 0.87:
                self.write(self.chance.choice(_LEFT), indent)
            else:
                self.write(self.chance.choice(["db.commit()", "db.commit()", "db.flush()", "db.rollback()"]), indent)

    def body(self, indent: int, *, committed: float = 0.75) -> None:
        self.write(self.chance.choice(_LOADED), indent)
        self.work(indent, 1, 4)
        if self.chance.random() < committed:
            self.write("db.commit()", indent)
        if self.chance.random() < 0.25:
            self.work(indent, 1, 1)
        if self.chance.random() < 0.4:
            self.write(self.chance.choice(_GIVEN), indent)

    def with_block(self, indent: int) -> None:
        manager = self.chance.choice(_WITH)
        self.write(f"with {manager}:", indent)
        if self.chance.random() < 0.35:
            self.tried(indent + 1)
        else:
            self.body(indent + 1, committed=0.75 if "scope" not in manager and "get_db" not in manager else 0.25)

    def tried(self, indent: int, *, closes: bool = False) -> None:
        self.write("try:", indent)
        self.body(indent + 1)
        handled = self.chance.random() < 0.75 or not closes
        if handled:
            self.write(self.chance.choice(_HANDLED), indent)
        if handled and self.chance.random() < 0.2:
            self.write("else:", indent)
            self.write(self.chance.choice(["db.commit()", "notify('fine')", "seen.append('fine')"]), indent + 1)
        if closes:
            self.write("finally:\n    db.close()", indent)

    def opened(self, indent: int) -> None:
        self.write("db = SessionLocal()", indent)
        match self.chance.random():
            case share if share < 0.7:
                self.tried(indent, closes=True)
            case share if share < 0.85:
                self.tried(indent)
                self.write("db.close()", indent)
            case _:
                self.body(indent)
                self.write("db.close()", indent)

    def block(self, indent: int) -> None:
        if self.chance.random() < 0.5:
            self.with_block(indent)
        else:
            self.opened(indent)


def function(seed: int) -> str:
    """A function ``run(kind)``; the same for the same *seed*."""
    made = _Function(random.Random(seed))
    made.write("seen = []", 1)
    match made.chance.random():
        case share if share < 0.12:
            made.write("for kind in range(1, kind + 1):", 1)
            made.block(2)
        case share if share < 0.22:
            made.block(1)
            made.block(1)
        case _:
            made.block(1)
    if made.chance.random() < 0.6:
        made.write(made.chance.choice(_GIVEN), 1)
    return "def run(kind):\n" + "\n".join(made.lines) + "\n"
