"""Generated endpoints: they load, change, commit and read in any order, as functions ``generated(db)`` of a FastAPI application."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

HEADER = """from decimal import Decimal
from typing import Any

import crud
from database import get_db
from fastapi import Depends, FastAPI, HTTPException
from models import Mood, Post, Tag, Team, User
from schemas import FullOut, PostFull, TeamFull, UserOut
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

app = FastAPI()
"""

# The variables are a user, a team, a post and a list of users.
_LOADED = {
    "user": [
        "user = db.get(User, 1)",
        "user = db.get(User, 3)",
        "user = db.scalars(select(User).where(User.name == 'ada')).one()",
        "user = db.scalars(select(User).order_by(User.id).limit(1)).first()",
        "user = db.scalars(select(User).options(joinedload(User.team)).where(User.id == 1)).one()",
        "user = db.execute(select(User).where(User.id == 2)).scalar_one()",
        "user = crud.load(db, 2)",
        "user = crud.by_name(db, 'ben')",
        "user = crud.Service(db).get(1)",
        "user = crud.create(db, name='made', team_id=2)",
        "user = User(name='new', team_id=1)\ndb.add(user)",
        "user = User(name='new')\ndb.add(user)\ndb.flush()",
        "user = User(**{'name': 'given', 'balance': '2.345'})\ndb.add(user)\ndb.commit()",
    ],
    "team": [
        "team = db.get(Team, 1)",
        "team = db.scalars(select(Team).where(Team.name == 'red')).one()",
        "team = db.scalars(select(Team).options(selectinload(Team.users)).where(Team.id == 1)).one()",
        "team = Team(name='green')\ndb.add(team)",
        "team = Team(name='green')\ndb.add(team)\ndb.commit()",
    ],
    "post": [
        "post = db.get(Post, 1)",
        "post = db.scalars(select(Post).order_by(Post.id.desc()).limit(1)).one()",
        "post = Post(title='fresh', author_id=2)\ndb.add(post)",
        "post = Post(title='fresh', author_id=2)\ndb.add(post)\ndb.commit()",
    ],
    "users": [
        "users = db.scalars(select(User).order_by(User.id)).all()",
        "users = db.scalars(select(User).join(User.team).where(Team.name == 'blue').order_by(User.id)).all()",
        "users = crud.all_users(db)",
    ],
}
_CHANGED = {
    ("user",): [
        "user.name = 'zed'",
        "user.name = 'ben'",
        "user.logins += 1",
        "user.team_id = 2",
        "user.team_id = None",
        "user.balance = '1.239'",
        "user.balance = Decimal('7.777')",
        "user.mood = Mood.sad",
        "user.mood = 'happy'",
        "user.extra = {'a': (1, 2)}",
        "user.level = 7",
        "user.level = User.level + 1",
        "user.active = 0",
        "user.bio = 'text'",
        "user.posts = []",
        "user.posts.append(Post(title='appended'))",
        "crud.touch(user)",
        "crud.rename(db, user, 'renamed')",
        "user = crud.rename(db, user, 'renamed')",
        "crud.patch(db, user, {'logins': 4, 'team_id': 2})",
        "user = crud.patched(db, user, {'level': 3, 'balance': '5.555'})",
        "crud.create_post(db, user, 'helped')",
        "crud.Service(db).move(user, 2)",
        "for key, value in {'name': 'looped', 'logins': 8}.items():\n    setattr(user, key, value)",
    ],
    ("team",): ["team.name = 'teal'", "team.name = 'red'", "team.users.append(User(name='appended'))"],
    ("post",): ["post.title = 'changed'", "post.tags.append(Tag(name='more'))", "post.tags = []", "post.author_id = 2"],
    ("user", "team"): ["user.team = team", "team.users.append(user)"],
    ("user", "post"): ["post.author = user", "user.posts.append(post)"],
    ("users",): [
        "for each in users:\n    each.logins += 1",
        "for each in users:\n    each.level = 1\n    db.commit()",
        "for each in users:\n    crud.touch(each)",
    ],
    (): [
        "db.execute(update(User).where(User.id == 1).values(logins=9))",
        "db.execute(update(User).values(level=User.level + 1))",
        "db.execute(delete(Post).where(Post.id == 9))",
        "db.add(Post(title='loose', author_id=1))",
        "db.add(User(name='extra', team_id=1))",
    ],
}
_READ = {
    "user": [
        "user.id",
        "user.name",
        "user.logins",
        "user.level",
        "user.team_id",
        "str(user.balance)",
        "str(user.mood)",
        "user.extra",
        "user.active",
        "user.bio",
        "user.label",
        "user.titles",
        "len(user.posts)",
        "user.team.name if user.team else None",
        "user.team.users[0].name if user.team else None",
        "[tag.name for post in user.posts for tag in post.tags]",
    ],
    "team": ["team.id", "team.name", "len(team.users)", "[each.name for each in team.users]", "crud.members(team)"],
    "post": ["post.id", "post.title", "post.author.name", "[tag.name for tag in post.tags]", "len(post.author.posts)"],
    "users": [
        "[each.name for each in users]",
        "[each.logins for each in users]",
        "[each.level for each in users]",
        "[each.label for each in users]",
        "[each.team.name if each.team else None for each in users]",
        "sum(len(each.posts) for each in users)",
    ],
    "": [
        "crud.total(db)",
        "db.scalar(select(func.max(User.logins)))",
        "db.get(User, 1) is None",
        "sorted((name, level) for name, level in db.execute(select(User.name, User.level)))",
        "sorted(tag.name for tag in db.scalars(select(Tag)))",
    ],
}
_ANSWERED = {
    "user": [("UserOut", "user"), ("FullOut", "user")],
    "team": [("TeamFull", "team")],
    "post": [("PostFull", "post")],
    "users": [("list[UserOut]", "users"), ("list[FullOut]", "users")],
}
_ENDED = [*["db.commit()"] * 5, "db.flush()", "db.rollback()"]


@dataclass(slots=True)
class _Endpoint:
    """One endpoint that is being written: its lines, and the variables that it has."""

    chance: random.Random
    lines: list[str] = field(default_factory=lambda: ["out: list[Any] = []"])
    known: list[str] = field(default_factory=list)

    def write(self, statement: str, indent: str = "") -> None:
        self.lines += [indent + line for line in statement.split("\n")]

    def load(self, name: str) -> None:
        self.write(self.chance.choice(_LOADED[name]))
        if name not in self.known:
            self.known.append(name)

    def change(self) -> None:
        possible = [names for names in _CHANGED if set(names) <= set(self.known)]
        statement = self.chance.choice(_CHANGED[self.chance.choice(possible)])
        match self.chance.random():
            case number if number < 0.12:
                self.write("try:")
                self.write(f"{statement}\ndb.commit()", "    ")
                self.write("except IntegrityError:\n    db.rollback()\n    out.append('clash')")
            case number if number < 0.2:
                self.write("if len(out) < 9:")
                self.write(statement, "    ")
            case _:
                self.write(statement)

    def refresh(self) -> None:
        # What is changed and not flushed is lost by a refresh, unless something is loaded between, which flushes it.
        self.write(self.chance.choice(["db.commit()", "db.flush()"]))
        for name in self.chance.sample(sorted({*self.known} - {"users"}), len(self.known) > 1):
            self.write(f"db.refresh({name})")

    def read(self) -> None:
        self.write(f"out.append({self.chance.choice(_READ[self.chance.choice([*self.known * 2, ''])])})")

    def answer(self) -> str | None:
        """Write the end; gives the response model."""
        name = self.chance.choice(self.known)
        match self.chance.random():
            case number if number < 0.12:
                self.write("raise HTTPException(400, {'out': out})")
            case number if number < 0.6:
                model, value = self.chance.choice(_ANSWERED[name])
                self.write(f"return {value}")
                return model
            case _:
                self.write("return out")
        return None


def endpoints(seed: int, number: int) -> str:
    """A module with *number* endpoints; the same for the same *seed*."""
    chance = random.Random(seed)
    return "\n\n".join([HEADER, *_written(chance, number)])


def _written(chance: random.Random, number: int) -> Iterator[str]:
    for index in range(number):
        made = _Endpoint(chance)
        for name in chance.sample(["user", "team", "post", "users"], chance.randrange(1, 3)):
            made.load(name)
        for _ in range(chance.randrange(2, 7)):
            match chance.random():
                case share if share < 0.42:
                    made.change()
                case share if share < 0.68:
                    made.write(chance.choice(_ENDED))
                case share if share < 0.78:
                    made.refresh()
                case share if share < 0.84:
                    made.load(chance.choice(list(_LOADED)))
                case _:
                    made.read()
        if chance.random() < 0.6:
            made.write("db.commit()")
        for _ in range(chance.randrange(1, 4)):
            made.read()
        model = made.answer()
        shown = f", response_model={model}" if model is not None else ""
        body = "\n    ".join(made.lines)
        yield f'@app.post("/generated/{index}"{shown})\ndef generated_{index}(db: Session = Depends(get_db)):\n    {body}\n'
