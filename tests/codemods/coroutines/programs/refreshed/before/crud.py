from models import Post, User
from sqlalchemy.orm import Session


def created(db: Session, model, **values):
    instance = model(**values)
    db.add(instance)
    db.flush()
    return instance


def publish(db: Session, title: str, author: int) -> Post:
    post = Post(title=title, author_id=author)
    try:
        db.add(post)
        db.commit()
    except Exception:
        db.rollback()
        raise
    return post


def rename(db: Session, number: int, name: str) -> User:
    user = db.get(User, number)
    user.name = name
    db.commit()
    db.refresh(user)
    return user


def drop(db, thing):
    db.delete(thing)
