from datetime import datetime
from typing import List, Optional

from alchemove import session_depends
from fastapi import APIRouter, Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from app.api.deps import get_active_tenant, get_chat_service
from app.db.session import SessionDep, get_session
from app.models import Tenant
from app.models.chat import ChatSession, Message
from app.pagination import Page, paginate
from app.repositories import ChatRepository, MessageRepository
from app.schemas import (
    AssignRequest,
    ChatCreate,
    ChatDetail,
    ChatOut,
    MessageCreate,
    MessageOut,
    TagsRequest,
    UserOut,
)
from app.services.chat_service import ChatService

router = APIRouter()


@router.post("", response_model=ChatOut, status_code=201)
async def open_chat(session: SessionDep, body: ChatCreate, service: ChatService = Depends(get_chat_service)):
    return await session.run_sync(lambda _: service.open(**body.model_dump()))


@router.get("", response_model=Page[ChatOut])
async def list_chats(
    status: Optional[str] = None,
    agent_id: Optional[int] = None,
    tag: Optional[str] = None,
    q: Optional[str] = None,
    sort: str = "recent",
    page: int = 1,
    size: int = 20,
    db: AsyncSession = session_depends(get_session),
    tenant: Tenant = Depends(get_active_tenant),
):
    query = await db.run_sync(lambda db: ChatRepository(db).search(
        tenant.id, sort, status=status, agent_id=agent_id, tag=tag, search=q
    ))
    return await db.run_sync(lambda _: paginate(query, page=page, size=size))


@router.get("/inbox/{agent_id}", response_model=List[ChatOut])
async def inbox(
    agent_id: int,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    return await db.run_sync(lambda db: ChatRepository(db).inbox(tenant.id, agent_id))


@router.get("/tags")
async def popular_tags(
    db: SessionDep, tenant: Tenant = Depends(get_active_tenant)
):
    rows = await db.run_sync(lambda db: ChatRepository(db).popular_tags(tenant.id))
    return [{"name": name, "chats": count} for name, count in rows]


@router.get("/tagged/{name}", response_model=List[ChatOut])
async def tagged_chats(
    name: str,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    return await db.run_sync(lambda db: ChatRepository(db).with_tag(tenant.id, name))


@router.post("/next", response_model=ChatOut)
async def take_next(session: SessionDep, body: AssignRequest, service: ChatService = Depends(get_chat_service)):
    chat = await session.run_sync(lambda _: service.assign_next(body.agent_id))
    if chat is None:
        return Response(status_code=204)
    return chat


@router.post("/auto-assign")
async def auto_assign(session: SessionDep, service: ChatService = Depends(get_chat_service)):
    return {"assigned": await session.run_sync(lambda _: service.auto_assign())}


@router.get("/messages/search", response_model=Page[MessageOut])
async def search_messages(
    q: Optional[str] = None,
    sender_id: Optional[int] = None,
    since: Optional[datetime] = None,
    unread_only: bool = False,
    page: int = 1,
    size: int = 20,
    db: AsyncSession = session_depends(get_session),
    tenant: Tenant = Depends(get_active_tenant),
):
    query = await db.run_sync(lambda db: MessageRepository(db).search(tenant.id, q, sender_id, since, unread_only))
    return await db.run_sync(lambda _: paginate(query, page, size))


@router.get("/{chat_id}", response_model=ChatDetail)
async def get_chat(session: SessionDep, chat_id: int, service: ChatService = Depends(get_chat_service)):
    return await session.run_sync(lambda _: service.detail(chat_id))


@router.post("/{chat_id}/assign", response_model=ChatOut)
async def assign_chat(
    session: SessionDep,
    chat_id: int,
    body: AssignRequest,
    service: ChatService = Depends(get_chat_service),
):
    return await session.run_sync(
        lambda _: service.assign(
            chat_id,
            body.agent_id,
            options=[joinedload(ChatSession.agent), joinedload(ChatSession.customer), selectinload(ChatSession.tags)],
        )
    )


@router.post("/{chat_id}/close", response_model=ChatOut)
async def close_chat(session: SessionDep, chat_id: int, service: ChatService = Depends(get_chat_service)):
    return await session.run_sync(
        lambda _: service.close(
            chat_id,
            options=[joinedload(ChatSession.agent), joinedload(ChatSession.customer), selectinload(ChatSession.tags)],
        )
    )


@router.put("/{chat_id}/tags", response_model=ChatOut)
async def set_tags(
    session: SessionDep,
    chat_id: int, body: TagsRequest, service: ChatService = Depends(get_chat_service)
):
    return await session.run_sync(lambda _: service.set_tags(chat_id, body.tags))


@router.delete("/{chat_id}", status_code=204)
async def delete_chat(session: SessionDep, chat_id: int, service: ChatService = Depends(get_chat_service)):
    await session.run_sync(lambda _: service.delete(chat_id))


@router.post("/{chat_id}/messages", response_model=MessageOut, status_code=201)
async def write_message(
    session: SessionDep,
    chat_id: int,
    body: MessageCreate,
    service: ChatService = Depends(get_chat_service),
):
    return await session.run_sync(lambda _: service.write(chat_id, **body.model_dump()))


@router.get("/{chat_id}/messages", response_model=Page[MessageOut])
async def list_messages(
    chat_id: int,
    newest_first: bool = False,
    page: int = 1,
    size: int = 50,
    db: AsyncSession = session_depends(get_session),
    service: ChatService = Depends(get_chat_service),
):
    chat = await db.run_sync(lambda _: service.get(chat_id))
    return await db.run_sync(
        lambda db: paginate(
            MessageRepository(db).of_chat(chat, newest_first).options(selectinload(Message.sender)), page, size
        )
    )


@router.get("/{chat_id}/unread/{reader_id}")
async def unread(
    chat_id: int,
    reader_id: int,
    db: SessionDep,
    service: ChatService = Depends(get_chat_service),
):
    chat = await db.run_sync(lambda _: service.get(chat_id))
    return {"unread": await db.run_sync(lambda db: MessageRepository(db).unread_count(chat.id, reader_id))}


@router.post("/{chat_id}/read/{reader_id}")
async def mark_read(
    session: SessionDep,
    chat_id: int, reader_id: int, service: ChatService = Depends(get_chat_service)
):
    return {"read": await session.run_sync(lambda _: service.mark_read(chat_id, reader_id))}


@router.get("/{chat_id}/participants", response_model=List[UserOut])
async def participants(
    chat_id: int,
    db: SessionDep,
    service: ChatService = Depends(get_chat_service),
):
    chat = await db.run_sync(lambda _: service.get(chat_id))
    return await db.run_sync(lambda db: MessageRepository(db).participants(chat.id))
