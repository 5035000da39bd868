import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Thread

from alchemove import after_request, discard_uncommitted, run_sync
from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from database import get_db
from models import Tag, User
from session import SessionDep

app = FastAPI()


class Notifier:
    def __init__(self, db: Session):
        self.db = db
        self.sent = 0

    def send(self, name: str) -> str:  # stays: unfollowed-calls
        self.db.add(Tag(name=name))
        self.db.commit()
        return name

    async def send_later(self, name: str) -> None:
        await run_sync(self.send, name)

    def count(self, name: str) -> None:
        self.sent += 1


class Outer:
    def __init__(self, db: Session):
        self.inner = Notifier(db)

    async def run(self, name: str) -> None:
        await run_sync(self.inner.send, name)


class Bus:
    def __init__(self, db: Session, background: BackgroundTasks):
        self.db = db
        self.background = background

    def dispatch(self, name: str) -> list[str]:  # stays: session-for-later
        self.background.add_task(self._publish, name)
        return names(self.db)

    def _publish(self, name: str) -> None:  # stays: unfollowed-calls
        self.db.add(Tag(name=name))
        self.db.commit()


def add(db: Session, name: str) -> None:  # stays: unfollowed-calls
    db.add(Tag(name=name))
    db.commit()


def names(db: Session) -> list[str]:  # stays: sync-session
    return list(db.scalars(select(Tag.name).order_by(Tag.id)))


def send_it(notifier: Notifier) -> None:  # stays: not-reached
    notifier.send("job")


def parallel(db: Session, name: str) -> list[str]:  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        pool.submit(add, db, name).result()
    return list(db.scalars(select(Tag.name).order_by(Tag.id)))


def call(function, value):
    return function(value)


@app.post("/method")
async def method(background: BackgroundTasks, db: SessionDep):
    notifier = Notifier(db.sync_session)
    background.add_task(after_request(db, notifier.send), "method")
    return await db.scalar(select(User.name).order_by(User.id).limit(1))


@app.post("/coroutine")
async def coroutine(background: BackgroundTasks, db: SessionDep):
    background.add_task(after_request(db, Outer(db.sync_session).run), "coroutine")
    return await db.scalar(select(User.name).order_by(User.id).limit(1))


@app.post("/direct")
async def directly(background: BackgroundTasks, db: SessionDep):
    background.add_task(after_request(db, add), db.sync_session, name="direct")
    background.add_task(after_request(db, send_it), Notifier(db.sync_session))
    return await db.scalar(select(User.name).order_by(User.id).limit(1))


@app.post("/uncommitted")
def uncommitted(background: BackgroundTasks, db: Session = Depends(get_db)):  # stays: session-for-later
    db.add(Tag(name="uncommitted"))
    db.flush()
    background.add_task(add, db, "committed")


@app.post("/lambda")
def in_a_lambda(background: BackgroundTasks, db: Session = Depends(get_db)):  # stays: session-for-later
    background.add_task(lambda: add(db, "lambda"))
    return db.scalar(select(User.name).order_by(User.id).limit(1))


@app.post("/object")
async def in_an_object(background: BackgroundTasks, db: SessionDep):
    notifier = Notifier(db.sync_session)
    background.add_task(after_request(db, send_it), notifier)
    return await db.run_sync(lambda _: notifier.send("object"))


@app.post("/response")
def in_a_response(db: Session = Depends(get_db)):  # stays: session-for-later
    notifier = Notifier(db)
    return JSONResponse(notifier.send("now"), background=BackgroundTask(notifier.send, "response"))


@app.post("/thread")
def on_a_thread(db: Session = Depends(get_db)):  # stays: session-for-later
    notifier = Notifier(db)
    thread = Thread(target=notifier.send, args=("thread",))
    thread.start()
    thread.join()
    return db.scalar(select(User.name).order_by(User.id).limit(1))


@app.post("/pool")
def in_a_pool(db: Session = Depends(get_db)):  # stays: session-for-later
    notifier = Notifier(db)
    with ThreadPoolExecutor(1) as pool:
        return list(pool.map(notifier.send, ["pool"]))


@app.post("/elsewhere")
def in_a_pool_elsewhere(db: Session = Depends(get_db)):  # stays: session-for-later
    return parallel(db, "elsewhere")


@app.post("/threadpool")
async def in_the_threadpool(db: Session = Depends(get_db)):  # stays: session-for-later
    await run_in_threadpool(add, db, "threadpool")
    return names(db)


@app.post("/to-thread")
async def with_to_thread(db: Session = Depends(get_db)):  # stays: session-for-later
    return await asyncio.to_thread(Notifier(db).send, "to-thread")


@app.post("/task")
async def in_a_task(db: Session = Depends(get_db)):  # stays: session-for-later
    await asyncio.create_task(Notifier(db).send_later("task"))


@app.post("/partial")
def partially(db: Session = Depends(get_db)):  # stays: session-for-later
    return partial(Notifier(db).send, "partial")()


@app.post("/bus")
def on_a_bus(background: BackgroundTasks, db: Session = Depends(get_db)):  # stays: session-for-later
    return Bus(db, background).dispatch("bus")


@app.post("/called")
async def called_at_once(db: SessionDep):
    discard_uncommitted(db)
    notifier = Notifier(db.sync_session)
    return await db.run_sync(lambda _: call(notifier.send, "called")), await db.run_sync(lambda _: sorted(["key"], key=notifier.send)), await db.run_sync(lambda _: list(map(notifier.send, ["map"])))


@app.post("/harmless")
async def without_a_session(background: BackgroundTasks, db: SessionDep):
    notifier = Notifier(db.sync_session)
    background.add_task(notifier.count, "harmless")
    return await db.scalar(select(User.name).order_by(User.id).limit(1))


@app.post("/closure")
async def in_a_closure(background: BackgroundTasks, db: SessionDep):
    def send():  # stays: not-reached
        Notifier(db.sync_session).send("closure")

    background.add_task(after_request(db, send))
    return await db.scalar(select(User.name).order_by(User.id).limit(1))


@app.post("/closure-with-object")
def in_a_closure_with_an_object(background: BackgroundTasks, db: Session = Depends(get_db)):  # stays: session-for-later
    user = db.scalars(select(User).order_by(User.id).limit(1)).one()

    def send():  # stays: not-reached
        Notifier(db).send(user.name)

    background.add_task(send)
    return user.name


@app.post("/closure-itself")
def in_a_closure_itself(background: BackgroundTasks, db: Session = Depends(get_db)):  # stays: not-reached
    def send():  # stays: not-reached
        db.add(Tag(name="closure-itself"))
        db.commit()

    background.add_task(send)
    return db.scalar(select(User.name).order_by(User.id).limit(1))
