from fastapi import FastAPI
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from session import SessionDep
from models import Post, Tag, User, post_tags
from own_models import Badge, Label, Mark, Note
from repository import Posts

app = FastAPI()


async def tag(db: AsyncSession, name: str) -> Tag:
    found = (await db.scalars(select(Tag).where(Tag.name == name).limit(1))).first()
    if found is None:
        found = Tag(name=name)
        db.add(found)
        await db.flush()
    return found


@app.post("/flushed")
async def flushed(db: SessionDep):
    post = Post(title="flushed", author_id=1, tags=[])
    db.add(post)
    await db.flush()
    post.tags = [Tag(name="first"), Tag(name="second")]
    await db.flush()
    return post.id


@app.post("/looped")
async def looped(db: SessionDep):
    made = []
    for title in ("a", "b"):
        post = Post(
            title=title,
            author_id=2,
            tags=[],
        )
        db.add(post)
        post.tags = [await tag(db, "news"), await tag(db, title)]
        made.append(post)
    await db.commit()
    return len(made)


@app.post("/created")
async def created(db: SessionDep):
    post = await Posts(db).create(title="created", author_id=1, tags=[])
    post.tags = [await tag(db, "tips"), await tag(db, "fresh")]
    await db.flush()
    return post.title


@app.post("/transient")
async def transient(db: SessionDep):
    post = Post(title="transient", author_id=3)
    post.tags = [Tag(name="other")]
    db.add(post)
    await db.flush()
    return post.id


@app.post("/committed")
async def committed(db: SessionDep):
    post = Post(title="committed", author_id=1)
    db.add(post)
    await db.commit()
    await db.refresh(post, attribute_names=["tags"])
    post.tags = [await tag(db, "tips")]
    await db.flush()
    return post.id


@app.post("/filled")
async def filled(db: SessionDep):
    post = Post(title="filled", author_id=1)
    db.add(post)
    await db.flush()
    await db.execute(insert(post_tags).values(post_id=post.id, tag_id=1))
    await db.run_sync(lambda _, value: setattr(post, "tags", value), [await tag(db, "tips")])  # stays: new-object
    await db.flush()
    return post.id


@app.post("/counted")
async def counted(db: SessionDep):
    user = User(name="counted")
    db.add(user)
    await db.flush()
    db.add(Post(title="of counted", author_id=user.id))
    await db.flush()
    await db.run_sync(lambda _: setattr(user, "posts", [Post(title="second of counted")]))  # stays: new-object
    titles = [post.title for post in await db.run_sync(lambda _: user.posts)]  # stays: new-object
    await db.rollback()
    return titles


@app.post("/noted")
async def noted(db: SessionDep):
    label = Label()
    db.add(label)
    await db.flush()
    await db.refresh(label, attribute_names=["notes"])
    label.notes = {Note(), Note()}
    await db.commit()
    return label.id


@app.post("/marked")
async def marked(db: SessionDep):
    badge = Badge("one")
    db.add(badge)
    await db.flush()
    await db.refresh(badge, attribute_names=["marks"])
    badge.marks = [Mark()]
    await db.commit()
    await db.refresh(badge, attribute_names=["name"])
    return badge.name


@app.post("/labelled")
async def labelled(db: SessionDep):
    post = Post(title="labelled", author_id=1)
    db.add(post)
    await db.flush()
    for name in ("x", "y"):
        await db.run_sync(lambda _, value: setattr(post, "tags", value), [*await db.run_sync(lambda _: post.tags), Tag(name=name)])  # stays: new-object
    await db.flush()
    return post.id


@app.post("/overwritten")
async def overwritten(db: SessionDep):
    post = Post(title="overwritten", author_id=1, tags=[Tag(name="old")])
    db.add(post)
    await db.flush()
    await db.run_sync(lambda _: setattr(post, "tags", [Tag(name="new")]))  # stays: new-object
    await db.flush()
    return post.id


@app.post("/given")
async def given(db: SessionDep):
    post = Post(tags=[])
    post.title, post.author_id = "given", 2
    db.add(post)
    await db.flush()
    post.tags = [Tag(name="given")]
    await db.flush()
    return post.id


@app.post("/unpacked")
async def unpacked(db: SessionDep):
    values = {"title": "unpacked", "author_id": 1}
    post = Post(**values)
    db.add(post)
    await db.flush()
    await db.run_sync(lambda _: setattr(post, "tags", [Tag(name="unpacked")]))  # stays: new-object
    await db.flush()
    return post.id
