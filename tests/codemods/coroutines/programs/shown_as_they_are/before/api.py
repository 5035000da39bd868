"""Objects that are shown behind a commit, without a response model: what is loaded of them then."""

import crud
from database import get_db
from fastapi import Depends, FastAPI
from models import Post, Tag, User
from sqlalchemy.orm import Session, joinedload

app = FastAPI()
seen = []


@app.post("/posts")
def assigned(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    post = Post(title="new", author=user)
    db.add(post)
    db.commit()
    seen.append(post.id)
    return post


def add_post(db: Session, user: User):  # stays: stale-after-commit
    post = Post(title="logged", author_id=user.id)
    post.tags.append(Tag(name="made"))
    db.add(post)
    db.commit()
    seen.append(post.title)
    return post


@app.post("/posts/logged")
def of_a_helper(db: Session = Depends(get_db)):
    user = db.get(User, 2)
    return {"post": add_post(db, user)}


@app.post("/posts/refreshed")
def refreshed(db: Session = Depends(get_db)):
    post = Post(title="fresh", author=db.get(User, 1))
    db.add(post)
    db.commit()
    db.refresh(post)
    return post


@app.put("/posts/{number}/tags")
def loaded(number: int, db: Session = Depends(get_db)):
    post = db.get(Post, number, options=[joinedload(Post.tags)])
    post.title = f"{post.title} of {len(post.tags)}"
    db.commit()
    return [post.title, post]


@app.put("/named/one/{number}")
def of_no_known_class(number: int, db: Session = Depends(get_db)):
    post = crud.post.get(db, number)
    return crud.post.save(db, post, {"title": "saved"})


@app.put("/named/{number}/twice")
def committed_here(number: int, db: Session = Depends(get_db)):
    post = crud.post.get(db, number)
    post.title = "twice"
    db.commit()
    return post


@app.put("/named/{number}/read")
def read_of_no_known_class(number: int, db: Session = Depends(get_db)):
    post = crud.post.get(db, number)
    post.title = "read"
    db.commit()
    return {"title": post.title, "post": post}


@app.put("/named/all")
def a_list_of_no_known_class(db: Session = Depends(get_db)):
    posts = crud.post.all(db)
    titles = [post.title for post in posts]
    db.commit()
    return {"titles": titles, "posts": posts}


@app.put("/named/page")
def items_of_a_page(db: Session = Depends(get_db)):
    posts = crud.page(db)["items"]
    db.commit()
    return posts


@app.put("/named/page/expired")
def items_that_expire(db: Session = Depends(get_db)):
    posts = crud.page(db)["items"]
    db.expire_all()
    return sorted(post.title for post in posts)


@app.put("/named/{number}/counted")
def counted(number: int, db: Session = Depends(get_db)):
    post = crud.post.get(db, number)
    post.title = "counted"
    db.commit()
    count = crud.post.count(db)
    return count


@app.put("/named/keys")
def keys(db: Session = Depends(get_db)):
    # Numbers, as is said there: they stay what they are.
    keys = crud.keys(db)
    db.add(Tag(name="for keys"))
    db.commit()
    return {"keys": keys}
