from datetime import datetime
from typing import List, Optional

from fastapi import APIRouter, Depends, Response
from sqlalchemy.orm import Session

from app.api.deps import get_active_tenant, get_chat_service
from app.database import get_db
from app.models import Tenant
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
def open_chat(body: ChatCreate, service: ChatService = Depends(get_chat_service)):
    return service.open(**body.model_dump())


@router.get("", response_model=Page[ChatOut])
def list_chats(
    status: Optional[str] = None,
    agent_id: Optional[int] = None,
    tag: Optional[str] = None,
    q: Optional[str] = None,
    sort: str = "recent",
    page: int = 1,
    size: int = 20,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    query = ChatRepository(db).search(
        tenant.id, sort, status=status, agent_id=agent_id, tag=tag, search=q
    )
    return paginate(query, page=page, size=size)


@router.get("/inbox/{agent_id}", response_model=List[ChatOut])
def inbox(
    agent_id: int,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    return ChatRepository(db).inbox(tenant.id, agent_id)


@router.get("/tags")
def popular_tags(
    db: Session = Depends(get_db), tenant: Tenant = Depends(get_active_tenant)
):
    rows = ChatRepository(db).popular_tags(tenant.id)
    return [{"name": name, "chats": count} for name, count in rows]


@router.get("/tagged/{name}", response_model=List[ChatOut])
def tagged_chats(
    name: str,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    return ChatRepository(db).with_tag(tenant.id, name)


@router.post("/next", response_model=ChatOut)
def take_next(body: AssignRequest, service: ChatService = Depends(get_chat_service)):
    chat = service.assign_next(body.agent_id)
    if chat is None:
        return Response(status_code=204)
    return chat


@router.post("/auto-assign")
def auto_assign(service: ChatService = Depends(get_chat_service)):
    return {"assigned": service.auto_assign()}


@router.get("/messages/search", response_model=Page[MessageOut])
def search_messages(
    q: Optional[str] = None,
    sender_id: Optional[int] = None,
    since: Optional[datetime] = None,
    unread_only: bool = False,
    page: int = 1,
    size: int = 20,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    query = MessageRepository(db).search(tenant.id, q, sender_id, since, unread_only)
    return paginate(query, page, size)


@router.get("/{chat_id}", response_model=ChatDetail)
def get_chat(chat_id: int, service: ChatService = Depends(get_chat_service)):
    return service.detail(chat_id)


@router.post("/{chat_id}/assign", response_model=ChatOut)
def assign_chat(
    chat_id: int,
    body: AssignRequest,
    service: ChatService = Depends(get_chat_service),
):
    return service.assign(chat_id, body.agent_id)


@router.post("/{chat_id}/close", response_model=ChatOut)
def close_chat(chat_id: int, service: ChatService = Depends(get_chat_service)):
    return service.close(chat_id)


@router.put("/{chat_id}/tags", response_model=ChatOut)
def set_tags(
    chat_id: int, body: TagsRequest, service: ChatService = Depends(get_chat_service)
):
    return service.set_tags(chat_id, body.tags)


@router.delete("/{chat_id}", status_code=204)
def delete_chat(chat_id: int, service: ChatService = Depends(get_chat_service)):
    service.delete(chat_id)


@router.post("/{chat_id}/messages", response_model=MessageOut, status_code=201)
def write_message(
    chat_id: int,
    body: MessageCreate,
    service: ChatService = Depends(get_chat_service),
):
    return service.write(chat_id, **body.model_dump())


@router.get("/{chat_id}/messages", response_model=Page[MessageOut])
def list_messages(
    chat_id: int,
    newest_first: bool = False,
    page: int = 1,
    size: int = 50,
    db: Session = Depends(get_db),
    service: ChatService = Depends(get_chat_service),
):
    chat = service.get(chat_id)
    return paginate(MessageRepository(db).of_chat(chat, newest_first), page, size)


@router.get("/{chat_id}/unread/{reader_id}")
def unread(
    chat_id: int,
    reader_id: int,
    db: Session = Depends(get_db),
    service: ChatService = Depends(get_chat_service),
):
    chat = service.get(chat_id)
    return {"unread": MessageRepository(db).unread_count(chat.id, reader_id)}


@router.post("/{chat_id}/read/{reader_id}")
def mark_read(
    chat_id: int, reader_id: int, service: ChatService = Depends(get_chat_service)
):
    return {"read": service.mark_read(chat_id, reader_id)}


@router.get("/{chat_id}/participants", response_model=List[UserOut])
def participants(
    chat_id: int,
    db: Session = Depends(get_db),
    service: ChatService = Depends(get_chat_service),
):
    chat = service.get(chat_id)
    return MessageRepository(db).participants(chat.id)
