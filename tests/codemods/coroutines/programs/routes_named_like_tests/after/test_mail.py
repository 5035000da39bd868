"""Routes of the application for trying something out, in a file that is only called like a test."""

from fastapi import APIRouter

from session import SessionDep
from models import Tag

router = APIRouter()


@router.post("/test-tag")
async def test_create_tag(name: str, db: SessionDep):
    tag = Tag(name=name)
    db.add(tag)
    await db.flush()
    await db.refresh(tag)
    return {"id": tag.id}
