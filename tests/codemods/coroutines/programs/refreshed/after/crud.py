from models import Post, User
from sqlalchemy.ext.asyncio import AsyncSession


async def created(db: AsyncSession, model, **values):
    instance = model(**values)
    db.add(instance)
    await db.flush()
    return instance


async def publish(db: AsyncSession, title: str, author: int) -> Post:
    post = Post(title=title, author_id=author)
    try:
        db.add(post)
        await db.commit()
        await db.refresh(post, attribute_names=["author", "tags"])
    except Exception:
        await db.rollback()
        raise
    return post


async def rename(db: AsyncSession, number: int, name: str) -> User:
    user = await db.get(User, number)
    user.name = name
    await db.commit()
    await db.refresh(user)
    return user


async def drop(db, thing):
    await db.delete(thing)
