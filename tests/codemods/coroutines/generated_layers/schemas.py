"""What the endpoints are asked with, and what they answer with."""

from models import State
from pydantic import BaseModel, ConfigDict


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int


class CardOut(Out):
    code: str


class FolderOut(Out):
    name: str


class DocumentOut(Out):
    title: str
    state: State
    facts: dict | None


class PersonOut(Out):
    name: str
    visits: int
    grade: int | None
    revision: int | None
    stamp: str | None


class PersonFull(PersonOut):
    card: CardOut | None
    documents: list[DocumentOut]
    weight: int
    code: str | None


class LabelOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    rank: int
    word_id: int


class DocumentFull(DocumentOut):
    owner: PersonOut
    folder: FolderOut | None
    labels: list[LabelOut]
    texts: list[str]


class FolderFull(FolderOut):
    parent: FolderOut | None
    children: list[FolderOut]
    documents: list[DocumentOut]
    filed: int


class Page(BaseModel):
    items: list[PersonFull]
    total: int


class PersonCreate(BaseModel):
    name: str
    grade: int | None = None


class PersonUpdate(BaseModel):
    name: str | None = None
    visits: int | None = None


class DocumentCreate(BaseModel):
    title: str
    owner_id: int
    folder_id: int | None = None


class DocumentUpdate(BaseModel):
    title: str | None = None
    state: State | None = None
    facts: dict | None = None
