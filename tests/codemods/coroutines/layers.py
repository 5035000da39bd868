"""Generated applications in layers: endpoints, dependencies, services, helpers and tasks that share them, in modules of their own."""

from __future__ import annotations

import random
import re
import textwrap
from dataclasses import dataclass, field

from tests.codemods.coroutines.vocabulary import ANSWERED, CHANGED, ENDED, LOADED, READ, TYPES

_IMPORTS = """from typing import Any

import base as crud
from models import Card, Document, Folder, Label, Person, State, Word
from paging import paginate
from repositories import PersonRepository
from schemas import DocumentCreate, DocumentUpdate, PersonCreate, PersonUpdate
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload
"""
_HEADERS = {
    "helpers.py": _IMPORTS,
    "services.py": _IMPORTS + "\nimport helpers\n",
    "tasks.py": _IMPORTS + "\nimport helpers\nimport services\nfrom database import SessionLocal\n",
    "dependencies.py": _IMPORTS
    + "\nimport helpers\nimport services\nfrom database import SessionLocal, get_db\nfrom fastapi import Depends\n",
    "api.py": _IMPORTS
    + """
import dependencies
import helpers
import services
import tasks
from database import get_db
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.encoders import jsonable_encoder
from schemas import DocumentFull, DocumentOut, FolderFull, FolderOut, Page, PersonFull, PersonOut

app = FastAPI()
""",
}


@dataclass(slots=True)
class Application:
    """The modules that are being written."""

    chance: random.Random
    definitions: dict[str, list[str]] = field(default_factory=lambda: {path: [] for path in _HEADERS})
    shared: list[_Helper] = field(default_factory=list)

    def define(self, path: str, text: str) -> int:
        """Add *text* to the module, with a number for ``NUMBER`` in it."""
        number = len(self.definitions[path])
        self.definitions[path].append(text.replace("NUMBER", str(number)))
        return number

    def files(self) -> dict[str, bytes]:
        return {
            path: "\n\n".join([_HEADERS[path], *definitions]).encode() for path, definitions in self.definitions.items()
        }


@dataclass(frozen=True, slots=True)
class _Helper:
    """A function or method with a session: what it takes, and whether it gives a variable, what it has read, or nothing."""

    path: str
    number: int
    takes: tuple[str, ...]
    gives: str | None

    def call(self, session: str) -> str:
        arguments = ", ".join(self.takes)
        match self.path:
            case "services.py":
                return f"services.Service{self.number}({session}).run({arguments})"
            case _:
                return f"helpers.helper_{self.number}({', '.join(n for n in (session, arguments) if n)})"


@dataclass(slots=True)
class Body:
    """The body of one function that is being written: its lines, and the variables that it has."""

    application: Application
    session: str = "db"
    known: list[str] = field(default_factory=list)
    collects: bool = True
    depth: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def chance(self) -> random.Random:
        return self.application.chance

    def write(self, statement: str, indent: int = 0) -> None:
        text = re.sub(r"(?<![\w.])db\b", self.session, statement)
        self.lines += textwrap.indent(text, "    " * indent).split("\n")

    def some(self, least: int, most: int) -> None:
        """Write some statements."""
        for _ in range(self.chance.randint(least, most)):
            self.step()

    def step(self) -> None:
        ways = [(34, self.change), (22, self.end), (10, self.read), (6, self.load), (4, self.refresh)]
        if self.depth < 3:
            ways += [(14, self.call), (5, self.attempt), (5, self.savepoint)]
        self.chance.choices([way for _, way in ways], [weight for weight, _ in ways])[0]()

    def load(self, name: str | None = None) -> None:
        name = name or self.chance.choice(list(LOADED))
        self.write(self.chance.choice(LOADED[name]))
        if name not in self.known:
            self.known.append(name)

    def changed(self) -> str:
        possible = [names for names in CHANGED if set(names) <= set(self.known)]
        return self.chance.choice(CHANGED[self.chance.choice(possible)])

    def change(self) -> None:
        if self.chance.random() < 0.1:
            self.write("if db.scalar(select(func.count()).select_from(Card)) < 9:")
            self.write(self.changed(), 1)
        else:
            self.write(self.changed())

    def end(self) -> None:
        self.write(self.chance.choice(ENDED))

    def refresh(self) -> None:
        self.write(self.chance.choice(["db.commit()", "db.flush()"]))
        for name in self.chance.sample(sorted({*self.known} - {"people", "documents"}), len(self.known) > 2):
            self.write(f"db.refresh({name})")

    def read(self) -> None:
        read = self.chance.choice(READ[self.chance.choice([*self.known * 2, ""])])
        self.write(f"out.append({read})" if self.collects else f"seen = {read}")

    def attempt(self) -> None:
        self.write("try:")
        self.write(self.changed(), 1)
        self.write("db.commit()", 1)
        self.write("except IntegrityError:")
        self.write("db.rollback()", 1)
        self.write("out.append('clash')" if self.collects else self.chance.choice(["pass", "raise"]), 1)

    def savepoint(self) -> None:
        changed = self.changed()
        if "commit()" in changed:
            return
        self.write("try:\n    with db.begin_nested():")
        self.write(changed, 2)
        if self.chance.random() < 0.5:
            self.write("db.flush()", 2)
        self.write("except IntegrityError:\n    pass")

    def call(self) -> None:
        """Call a function that exists, or one that is written for it."""
        fitting = [h for h in self.application.shared if set(h.takes) <= set(self.known)]
        if self.depth:  # Those of the same module that are written later would not be methods of classes that exist.
            fitting = [h for h in fitting if h.path == "helpers.py"]
        if fitting and self.chance.random() < 0.35:
            helper = self.chance.choice(fitting)
        else:
            helper = written(self.application, self.known, self.depth + 1)
        called = helper.call("db")
        if self.depth and helper.path == "helpers.py" and self.session == "db":
            called = called.removeprefix("helpers.")
        match helper.gives:
            case None:
                self.write(called)
            case "out":
                self.write(f"out.extend({called})" if self.collects else f"seen = {called}")
            case name:
                self.write(f"{name} = {called}")
                if name not in self.known:
                    self.known.append(name)


def written(application: Application, known: list[str], depth: int) -> _Helper:
    """A new function of ``helpers.py``, or a class of ``services.py``, that takes some of the variables *known*."""
    chance = application.chance
    path = chance.choice(["helpers.py", "helpers.py", "services.py"]) if depth == 1 else "helpers.py"
    takes = tuple(chance.sample(known, chance.randint(0, min(2, len(known)))))
    gives = chance.choice(["out", None, "loaded", "taken"])
    session = "self.db" if path == "services.py" else "db"
    body = Body(application, session, list(takes), collects=gives == "out", depth=depth)
    if gives == "out":
        body.write("out: list[Any] = []")
    if gives == "loaded" or not takes:
        body.load()
    body.some(1, 3)
    match gives:
        case "out":
            body.read()
            body.write("return out")
        case "loaded":
            gives = chance.choice([n for n in body.known if n not in takes] or body.known)
            body.write(f"return {gives}")
        case "taken":
            gives = chance.choice(takes or body.known)
            body.write(f"return {gives}")
    typed = chance.random() < 0.7
    parameters = [f"{name}: {TYPES[name]}" if typed else name for name in takes]
    result = f" -> {TYPES[gives]}" if typed and gives in TYPES else ""
    if path == "services.py":
        text = (
            "class ServiceNUMBER:\n    def __init__(self, db: Session):\n        self.db = db\n\n"
            f"    def run({', '.join(['self', *parameters])}){result}:\n{_indented(body.lines, 2)}\n"
        )
    else:
        text = f"def helper_NUMBER({', '.join(['db: Session', *parameters])}){result}:\n{_indented(body.lines)}\n"
    helper = _Helper(path, application.define(path, text), takes, gives)
    application.shared.append(helper)
    return helper


def _indented(lines: list[str], levels: int = 1) -> str:
    return textwrap.indent("\n".join(lines), "    " * levels)


_ROLLING_BACK = "    except Exception:\n        db.rollback()\n        raise\n"
_TRYING = "    try:\n        yield db\n        db.commit()\n" + _ROLLING_BACK
_GIVING = [
    "def session_NUMBER(db: Session = Depends(get_db)):\n    yield db\n    db.commit()\n",
    "def session_NUMBER(db: Session = Depends(get_db)):\n    try:\n        yield db\n    finally:\n        db.rollback()\n",
    f"def session_NUMBER(db: Session = Depends(get_db)):\n{_TRYING}",
    f"def session_NUMBER():\n    db = SessionLocal()\n{_TRYING}    finally:\n        db.close()\n",
]


def _endpoint(application: Application) -> None:
    chance = application.chance
    body = Body(application)
    body.write("out: list[Any] = []")
    parameters = []
    opened = "get_db"
    if chance.random() < 0.15:
        opened = f"dependencies.session_{_dependency(application, chance.choice(_GIVING))}"
    if chance.random() < 0.25:
        parameters.append(_loaded(application, body))
    parameters.append(f"db: Session = Depends({opened})")
    if chance.random() < 0.12:
        parameters.append("background: BackgroundTasks = None")
    for name in chance.sample(list(LOADED), chance.randint(0 if body.known else 1, 2)):
        if name not in body.known:
            body.load(name)
    body.some(2, 5)
    if parameters[-1].startswith("background"):
        body.write(f"background.add_task(tasks.task_{_task(application)})")
        body.some(0, 1)
    if chance.random() < 0.6:
        body.write("db.commit()")
    for _ in range(chance.randint(0, 2)):
        body.read()
    model = _answered(body)
    shown = f", response_model={model}" if model else ""
    kind = "async def" if chance.random() < 0.1 else "def"
    application.define(
        "api.py",
        f'@app.post("/generated/NUMBER"{shown})\n{kind} generated_NUMBER({", ".join(parameters)}):\n{_indented(body.lines)}\n',
    )


def _answered(body: Body) -> str | None:
    """Write the end of an endpoint; gives the response model."""
    chance = body.chance
    name = chance.choice(body.known)
    match chance.random():
        case number if number < 0.1:
            body.write("raise HTTPException(400, {'out': out})")
        case number if number < 0.15:
            body.write("return paginate(db, select(Person).order_by(Person.name), page=1)")
            return "Page"
        case number if number < 0.5:
            body.write(f"return {name}")
            return chance.choice(ANSWERED[name])
        case number if number < 0.62:
            body.write(f"return {name}")
        case number if number < 0.68:
            body.write(f"return {{'out': out, 'shown': {name}}}")
        case number if number < 0.73:
            body.write(f"return jsonable_encoder({name})")
        case number if number < 0.85 and not ANSWERED[name][0].startswith("list"):
            body.write(f"return {chance.choice(ANSWERED[name])}.model_validate({name})")
        case _:
            body.write("return out")
    return None


def _dependency(application: Application, text: str) -> int:
    return application.define("dependencies.py", text)


def _loaded(application: Application, body: Body) -> str:
    """A dependency that loads a variable, or gives a service that does; the parameter for it."""
    chance = application.chance
    name = chance.choice(["person", "document", "folder"])
    inner = Body(application, depth=1)
    inner.load(name)
    inner.some(0, 2)
    body.known.append(name)
    inner.write(f"{'yield' if chance.random() < 0.2 else 'return'} {name}")
    if inner.lines[-1].startswith("yield") and chance.random() < 0.6:
        inner.write("db.commit()")
    inner.lines = [line.replace("out.append(", "print(").replace("out.extend(", "print(") for line in inner.lines]
    number = _dependency(application, f"def loaded_NUMBER(db: Session = Depends(get_db)):\n{_indented(inner.lines)}\n")
    return f"{name}: {TYPES[name]} = Depends(dependencies.loaded_{number})"


def _task(application: Application) -> int:
    inner = Body(application, collects=False, depth=1)
    inner.load()
    inner.some(1, 3)
    inner.write("db.commit()")
    return application.define(
        "tasks.py", f"def task_NUMBER():\n    with SessionLocal() as db:\n{_indented(inner.lines, 2)}\n"
    )


def application(seed: int, endpoints: int) -> dict[str, bytes]:
    """The modules of an application with a number of endpoints; the same for the same *seed*."""
    made = Application(random.Random(seed))
    for _ in range(endpoints):
        _endpoint(made)
    return made.files()
