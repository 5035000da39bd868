from fastapi import Depends, FastAPI
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from database import get_db
from models import Post, Tag, User, post_tags
from own_models import Badge, Label, Mark, Note
from repository import Posts

app = FastAPI()


def tag(db: Session, name: str) -> Tag:
    found = db.scalars(select(Tag).where(Tag.name == name).limit(1)).first()
    if found is None:
        found = Tag(name=name)
        db.add(found)
        db.flush()
    return found


@app.post("/flushed")
def flushed(db: Session = Depends(get_db)):
    post = Post(title="flushed", author_id=1)
    db.add(post)
    db.flush()
    post.tags = [Tag(name="first"), Tag(name="second")]
    db.commit()
    return post.id


@app.post("/looped")
def looped(db: Session = Depends(get_db)):
    made = []
    for title in ("a", "b"):
        post = Post(
            title=title,
            author_id=2,
        )
        db.add(post)
        post.tags = [tag(db, "news"), tag(db, title)]
        made.append(post)
    db.commit()
    return len(made)


@app.post("/created")
def created(db: Session = Depends(get_db)):
    post = Posts(db).create(title="created", author_id=1)
    post.tags = [tag(db, "tips"), tag(db, "fresh")]
    db.commit()
    return post.title


@app.post("/transient")
def transient(db: Session = Depends(get_db)):
    post = Post(title="transient", author_id=3)
    post.tags = [Tag(name="other")]
    db.add(post)
    db.commit()
    return post.id


@app.post("/committed")
def committed(db: Session = Depends(get_db)):
    post = Post(title="committed", author_id=1)
    db.add(post)
    db.commit()
    post.tags = [tag(db, "tips")]
    db.commit()
    return post.id


@app.post("/filled")
def filled(db: Session = Depends(get_db)):
    post = Post(title="filled", author_id=1)
    db.add(post)
    db.flush()
    db.execute(insert(post_tags).values(post_id=post.id, tag_id=1))
    post.tags = [tag(db, "tips")]  # stays: new-object
    db.commit()
    return post.id


@app.post("/counted")
def counted(db: Session = Depends(get_db)):
    user = User(name="counted")
    db.add(user)
    db.flush()
    db.add(Post(title="of counted", author_id=user.id))
    db.flush()
    user.posts = [Post(title="second of counted")]  # stays: new-object
    titles = [post.title for post in user.posts]  # stays: new-object
    db.rollback()
    return titles


@app.post("/noted")
def noted(db: Session = Depends(get_db)):
    label = Label()
    db.add(label)
    db.flush()
    label.notes = {Note(), Note()}
    db.commit()
    return label.id


@app.post("/marked")
def marked(db: Session = Depends(get_db)):
    badge = Badge("one")
    db.add(badge)
    db.flush()
    badge.marks = [Mark()]
    db.commit()
    return badge.name


@app.post("/labelled")
def labelled(db: Session = Depends(get_db)):
    post = Post(title="labelled", author_id=1)
    db.add(post)
    db.flush()
    for name in ("x", "y"):
        post.tags = [*post.tags, Tag(name=name)]  # stays: new-object
    db.commit()
    return post.id


@app.post("/overwritten")
def overwritten(db: Session = Depends(get_db)):
    post = Post(title="overwritten", author_id=1, tags=[Tag(name="old")])
    db.add(post)
    db.flush()
    post.tags = [Tag(name="new")]  # stays: new-object
    db.commit()
    return post.id


@app.post("/given")
def given(db: Session = Depends(get_db)):
    post = Post()
    post.title, post.author_id = "given", 2
    db.add(post)
    db.flush()
    post.tags = [Tag(name="given")]
    db.commit()
    return post.id


@app.post("/unpacked")
def unpacked(db: Session = Depends(get_db)):
    values = {"title": "unpacked", "author_id": 1}
    post = Post(**values)
    db.add(post)
    db.flush()
    post.tags = [Tag(name="unpacked")]  # stays: new-object
    db.commit()
    return post.id
