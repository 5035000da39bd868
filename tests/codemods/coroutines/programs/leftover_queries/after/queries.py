from sqlalchemy.orm import joinedload, selectinload

from models import Post, User


def posts(db):  # stays: awaited-inside
    return db.query(Post)


def of_author(db, number):  # stays: awaited-inside
    return posts(db).filter(Post.author_id == number)


def narrowed(query, title):  # stays: not-reached
    if title:
        query = query.filter(Post.title != title)
    return query


def paged(query, size):  # stays: not-reached
    return {"items": query.order_by(Post.id).limit(size).all(), "size": size}


class Users:
    def __init__(self, db):
        self.db = db

    async def find(self, number):
        return await self.db.run_sync(lambda session: session.query(User).filter(User.id == number).options(selectinload(User.posts)).one_or_none())


class Posts:
    def __init__(self, db):
        self.db = db

    async def find(self, number):
        return await self.db.run_sync(lambda session: posts(session).filter(Post.id == number).options(joinedload(Post.author), selectinload(Post.tags)).one_or_none())
