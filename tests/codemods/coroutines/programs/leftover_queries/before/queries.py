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

    def find(self, number):
        return self.db.query(User).filter(User.id == number).one_or_none()


class Posts:
    def __init__(self, db):
        self.db = db

    def find(self, number):
        return posts(self.db).filter(Post.id == number).one_or_none()
