from typing import List, Optional

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from session import SessionDep
from staff import Person, Team as Squad

app = FastAPI()


class Orm(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int


class Shown(Orm):
    shown: str


class Label(Orm):
    label: str


class Path(Orm):
    path: List[str]


class Opening(Orm):
    opening: Optional[str]


class Length(Orm):
    length: int


class Team(Orm):
    team: str


class Text(Orm):
    text: str


class Stored(Orm):
    stored: int


class Inspected(Orm):
    inspected: int


class Titles(Orm):
    titles: List[str]


class Ids(Orm):
    ids: List[int]


class Counted(Orm):
    counted: int


@app.get("/shown", response_model=List[Shown])
async def shown(db: SessionDep):
    return (await db.scalars(select(Person).order_by(Person.id))).all()


@app.get("/label", response_model=Label)
async def label(db: SessionDep):
    return (await db.scalars(select(Person).where(Person.name == "ben").options(selectinload(Person.posts)))).one()


@app.get("/label/all")
async def label_of_all(db: SessionDep):
    return [person.label for person in await db.scalars(select(Person).order_by(Person.id).options(selectinload(Person.posts)))]


@app.get("/path", response_model=Path)
async def path(db: SessionDep):
    return await db.run_sync(lambda _, value: Path.model_validate(value), (await db.scalars(select(Person).where(Person.name == "ben"))).one())  # stays: model-reads


@app.get("/path/all")
async def path_of_all(db: SessionDep):
    return [await db.run_sync(lambda _: person.path) for person in await db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/opening", response_model=Opening)
async def opening(db: SessionDep):
    return await db.run_sync(lambda _, value: Opening.model_validate(value), (await db.scalars(select(Person).where(Person.name == "ben"))).one())  # stays: model-reads


@app.get("/opening/all")
async def opening_of_all(db: SessionDep):
    return [await db.run_sync(lambda _: person.opening) for person in await db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/length", response_model=Length)
async def length(db: SessionDep):
    return await db.run_sync(lambda _, value: Length.model_validate(value), (await db.scalars(select(Person).where(Person.name == "ben"))).one())  # stays: model-reads


@app.get("/length/all")
async def length_of_all(db: SessionDep):
    return [await db.run_sync(lambda _: person.length) for person in await db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/team", response_model=Team)
async def team(db: SessionDep):
    return await db.run_sync(lambda _, value: Team.model_validate(value), (await db.scalars(select(Person).where(Person.name == "ben"))).one())  # stays: model-reads


@app.get("/team/all")
async def team_of_all(db: SessionDep):
    return [await db.run_sync(lambda _: person.team) for person in await db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/text", response_model=Text)
async def text(db: SessionDep):
    return await db.run_sync(lambda _, value: Text.model_validate(value), (await db.scalars(select(Person).where(Person.name == "ben"))).one())  # stays: model-reads


@app.get("/text/all")
async def text_of_all(db: SessionDep):
    return [await db.run_sync(lambda _: person.text) for person in await db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/stored", response_model=Stored)
async def stored(db: SessionDep):
    return await db.run_sync(lambda _, value: Stored.model_validate(value), (await db.scalars(select(Person).where(Person.name == "ben"))).one())  # stays: model-reads


@app.get("/stored/all")
async def stored_of_all(db: SessionDep):
    return [await db.run_sync(lambda _: person.stored) for person in await db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/inspected", response_model=Inspected)
async def inspected(db: SessionDep):
    return await db.run_sync(lambda _, value: Inspected.model_validate(value), (await db.scalars(select(Person).where(Person.name == "ben"))).one())  # stays: model-reads


@app.get("/inspected/all")
async def inspected_of_all(db: SessionDep):
    return [await db.run_sync(lambda _: person.inspected) for person in await db.scalars(select(Person).order_by(Person.id))]  # stays: property-loads


@app.get("/titles", response_model=Titles)
async def titles(db: SessionDep):
    return (await db.scalars(select(Person).where(Person.name == "ben").options(selectinload(Person.posts)))).one()


@app.get("/titles/all")
async def titles_of_all(db: SessionDep):
    return [person.titles for person in await db.scalars(select(Person).order_by(Person.id).options(selectinload(Person.posts)))]


@app.get("/ids", response_model=Ids)
async def ids(db: SessionDep):
    return await db.run_sync(lambda _, value: Ids.model_validate(value), (await db.scalars(select(Person).where(Person.name == "ben"))).one())  # stays: model-reads


@app.get("/ids/all")
async def ids_of_all(db: SessionDep):
    return [await db.run_sync(lambda _: person.ids) for person in await db.scalars(select(Person).order_by(Person.id))]  # stays: not-loadable


@app.get("/counted", response_model=Counted)
async def counted(db: SessionDep):
    return (await db.scalars(select(Person).where(Person.name == "ben").options(selectinload(Person.posts)))).one()


@app.get("/counted/all")
async def counted_of_all(db: SessionDep):
    return [person.counted for person in await db.scalars(select(Person).order_by(Person.id).options(selectinload(Person.posts)))]


@app.post("/new", response_model=Label)
async def new(db: SessionDep):
    person = Person(name="new", team_id=1, boss_id=2)
    db.add(person)
    await db.commit()
    await db.refresh(person, attribute_names=["posts"])
    return person


@app.get("/rows")
async def rows(db: SessionDep):
    found = await db.execute(select(Person, Squad.name).join(Squad, Person.team_id == Squad.id).order_by(Person.id))
    return [await db.run_sync(lambda _: f"{person} ({squad})") for person, squad in found]


@app.get("/failed")
async def failed(db: SessionDep):
    try:
        return (await db.scalars(select(Person).where(Person.name == "nobody"))).one().name
    except Exception as error:
        return str(error)
