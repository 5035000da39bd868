"""Sync endpoints that run event loops of their own, in the threads that FastAPI gives them."""

import asyncio
import queue
import threading

import anyio
from anyio import from_thread
from database import get_db
from fastapi import BackgroundTasks, Depends, FastAPI
from models import Tag, User
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()
told = []
threads: dict[str, int] = {}


async def notify(what):
    await asyncio.sleep(0)
    told.append(what)
    return what.upper()


def name_of(db: Session, user_id: int):  # stays: event-loop
    return db.get(User, user_id).name


@app.get("/run/{user_id}")
def run(user_id: int, db: Session = Depends(get_db)):  # stays: event-loop
    return asyncio.run(notify(name_of(db, user_id)))


@app.get("/until/{user_id}")
def until(user_id: int, db: Session = Depends(get_db)):  # stays: event-loop
    name = name_of(db, user_id)
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(notify(name))
    finally:
        loop.close()


@app.get("/from_thread/{user_id}")
def in_the_loop(user_id: int, db: Session = Depends(get_db)):  # stays: event-loop
    return from_thread.run(notify, name_of(db, user_id))


@app.get("/anyio/{user_id}")
def in_a_loop_of_anyio(user_id: int, db: Session = Depends(get_db)):  # stays: event-loop
    return anyio.run(notify, name_of(db, user_id))


class Notifier:
    def send(self, what):
        return asyncio.run(notify(what))


notifier = Notifier()


@app.get("/helper/{user_id}")
def by_a_helper(user_id: int, db: Session = Depends(get_db)):  # stays: event-loop
    return notifier.send(name_of(db, user_id))


def tell(what):
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return f"nobody is told of {what}"
    loop.create_task(notify(what))
    return f"{what} is told"


@app.get("/asking/{user_id}")
def asking(user_id: int, db: Session = Depends(get_db)):  # stays: event-loop
    return tell(name_of(db, user_id))


def current(db: Session = Depends(get_db)):  # stays: event-loop
    user = db.get(User, 2)
    asyncio.run(notify(user.name))
    return user


@app.get("/current")
def who(user: User = Depends(current), db: Session = Depends(get_db)):  # stays: shared-request
    return [user.name, db.scalars(select(Tag.name)).all()]


def later(what):
    asyncio.run(notify(what))


@app.post("/later/{user_id}")
def in_another_thread(user_id: int, tasks: BackgroundTasks, db: Session = Depends(get_db)):
    name = name_of(db, user_id)
    tasks.add_task(later, f"{name}, later")
    thread = threading.Thread(target=later, args=(f"{name}, in a thread",))
    thread.start()
    thread.join()
    return name


@app.get("/scheduled/{user_id}")
async def scheduled(user_id: int, db: Session = Depends(get_db)):
    loop = asyncio.get_running_loop()
    future = asyncio.run_coroutine_threadsafe(notify(name_of(db, user_id)), loop)
    return await asyncio.wrap_future(future)


answers: queue.Queue[str] = queue.Queue()
here = threading.Event()


class Turns:
    def __init__(self):
        self.changed = threading.Condition()
        self.taken = 0

    def next(self):
        with self.changed:
            self.changed.wait_for(lambda: self.taken, timeout=10)
            return self.taken


turns = Turns()


@app.get("/answer/{user_id}")
def answer(user_id: int, db: Session = Depends(get_db)):  # stays: event-loop
    db.get(User, user_id)
    here.set()
    return answers.get(timeout=10)


@app.get("/turn/{user_id}")
def turn(user_id: int, db: Session = Depends(get_db)):  # stays: event-loop
    db.get(User, user_id)
    return turns.next()


@app.get("/wait/{user_id}")
def wait_for_it(user_id: int, db: Session = Depends(get_db)):  # stays: event-loop
    db.get(User, user_id)
    return here.wait(10)


@app.get("/at_once/{user_id}")
def at_once(user_id: int, db: Session = Depends(get_db)):
    threads.setdefault("here", here.is_set())
    with turns.changed:
        turns.taken += 1
        turns.changed.notify_all()
    answers.put(name_of(db, user_id))
    return [answers.empty(), threads.get("nothing", 0)]
