"""Objects that are shown behind a commit, without a response model: what is loaded of them then."""

import crud
from session import SessionDep
from fastapi import FastAPI
from models import Post, Tag, User
from sqlalchemy.orm import Session, joinedload

app = FastAPI()
seen = []


@app.post("/posts")
async def assigned(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        post = Post(title="new", author=user)
        db.add(post)
        db.commit()
        seen.append(post.id)
        return post

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


def add_post(db: Session, user: User):  # stays: stale-after-commit
    post = Post(title="logged", author_id=user.id)
    post.tags.append(Tag(name="made"))
    db.add(post)
    db.commit()
    seen.append(post.title)
    return post


@app.post("/posts/logged")
async def of_a_helper(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 2)
        return {"post": add_post(db, user)}

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.post("/posts/refreshed")
async def refreshed(db: SessionDep):
    post = Post(title="fresh", author=await db.get(User, 1))
    db.add(post)
    await db.commit()
    await db.refresh(post)
    return post


@app.put("/posts/{number}/tags")
async def loaded(number: int, db: SessionDep):
    def in_session(db: Session):
        post = db.get(Post, number, options=[joinedload(Post.tags)])
        post.title = f"{post.title} of {len(post.tags)}"
        db.commit()
        return [post.title, post]

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/named/one/{number}")
async def of_no_known_class(number: int, db: SessionDep):
    def in_session(db: Session):
        post = crud.post.get(db, number)
        return crud.post.save(db, post, {"title": "saved"})

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/named/{number}/twice")
async def committed_here(number: int, db: SessionDep):
    def in_session(db: Session):
        post = crud.post.get(db, number)
        post.title = "twice"
        db.commit()
        return post

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/named/{number}/read")
async def read_of_no_known_class(number: int, db: SessionDep):
    def in_session(db: Session):
        post = crud.post.get(db, number)
        post.title = "read"
        db.commit()
        return {"title": post.title, "post": post}

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/named/all")
async def a_list_of_no_known_class(db: SessionDep):
    def in_session(db: Session):
        posts = crud.post.all(db)
        titles = [post.title for post in posts]
        db.commit()
        return {"titles": titles, "posts": posts}

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/named/page")
async def items_of_a_page(db: SessionDep):
    def in_session(db: Session):
        posts = crud.page(db)["items"]
        db.commit()
        return posts

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/named/page/expired")
async def items_that_expire(db: SessionDep):
    def in_session(db: Session):
        posts = crud.page(db)["items"]
        db.expire_all()
        return sorted(post.title for post in posts)

    return await db.run_sync(in_session)


@app.put("/named/{number}/counted")
async def counted(number: int, db: SessionDep):
    post = await db.run_sync(crud.post.get, number)
    post.title = "counted"
    await db.commit()
    count = await crud.post.count(db)
    return count


@app.put("/named/keys")
async def keys(db: SessionDep):
    # Numbers, as is said there: they stay what they are.
    keys = await crud.keys(db)
    db.add(Tag(name="for keys"))
    await db.commit()
    return {"keys": keys}
