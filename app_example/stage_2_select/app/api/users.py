from datetime import timedelta
from typing import List, Optional

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import literal_column, select, update
from sqlalchemy.orm import Session

from app.api.deps import get_active_tenant
from app.config import settings
from app.database import get_db
from app.models import ChatSession, Tenant, User
from app.pagination import Page, paginate
from app.queries import available_agents
from app.repositories import ChatRepository, UserRepository
from app.schemas import AgentLoad, ChatOut, UserCreate, UserOut, UserUpdate
from app.services.audit import record
from app.utils import utcnow

router = APIRouter()


def get_user_or_404(db: Session, tenant: Tenant, user_id: int) -> User:
    user = db.scalars(select(User).filter_by(id=user_id, tenant_id=tenant.id).limit(1)).first()
    if user is None:
        raise HTTPException(status_code=404, detail="User not found")
    return user


@router.post("", response_model=UserOut, status_code=201)
def create_user(
    body: UserCreate,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    users = UserRepository(db)
    if users.get_by_email(tenant.id, body.email):
        raise HTTPException(status_code=409, detail="The address is taken")
    try:
        user = users.create(tenant_id=tenant.id, **body.model_dump())
        record(db, tenant.id, "user.create", user)
        db.commit()
    except Exception:
        db.rollback()
        raise
    db.refresh(user)
    return user


@router.get("", response_model=Page[UserOut])
def list_users(
    q: Optional[str] = None,
    role: Optional[str] = None,
    include_inactive: bool = False,
    sort: str = "email",
    descending: bool = False,
    page: int = 1,
    size: int = 20,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    query = UserRepository(db).search(
        tenant.id, q, role, include_inactive, sort, descending
    )
    return paginate(query, page, size)


@router.get("/staff", response_model=List[str])
def staff_emails(
    db: Session = Depends(get_db), tenant: Tenant = Depends(get_active_tenant)
):
    return UserRepository(db).staff_emails(tenant.id)


@router.get("/agents/available", response_model=List[AgentLoad])
def list_available_agents(
    db: Session = Depends(get_db), tenant: Tenant = Depends(get_active_tenant)
):
    rows = db.execute(available_agents(db, tenant.id, settings.AGENT_MAX_OPEN_CHATS)).unique().all()
    return [{"agent": user, "open_chats": open_chats} for user, open_chats in rows]


@router.get("/inactive", response_model=List[UserOut])
def inactive_users(
    days: int = 30,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    moment = utcnow() - timedelta(days=days)
    return UserRepository(db).inactive_since(tenant.id, moment)


@router.get("/by-email/{email}/chats", response_model=List[ChatOut])
def chats_by_email(
    email: str,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    return ChatRepository(db).of_customer(email, tenant.id)


@router.get("/{user_id}", response_model=UserOut)
def get_user(
    user_id: int,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    return get_user_or_404(db, tenant, user_id)


@router.patch("/{user_id}", response_model=UserOut)
def update_user(
    user_id: int,
    body: UserUpdate,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    user = get_user_or_404(db, tenant, user_id)
    try:
        UserRepository(db).update(user, **body.model_dump(exclude_unset=True))
        db.commit()
    except Exception:
        db.rollback()
        raise
    db.refresh(user)
    return user


@router.delete("/{user_id}", status_code=204)
def delete_user(
    user_id: int,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    user = get_user_or_404(db, tenant, user_id)
    open_chats = select(ChatSession.id).where(
        ChatSession.customer_id == user.id, ChatSession.is_open
    )
    if db.scalar(select(open_chats.with_only_columns(literal_column("1"), maintain_column_froms=True).exists())):
        raise HTTPException(status_code=409, detail="The user has open chats")
    try:
        # chats of an agent stay: they lose the agent only
        db.execute(update(ChatSession).where(ChatSession.agent_id == user.id).values(
            {"agent_id": None},
        ))
        db.delete(user)
        db.commit()
    except Exception:
        db.rollback()
        raise


@router.get("/{user_id}/colleagues", response_model=List[UserOut])
def colleagues(
    user_id: int,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    user = get_user_or_404(db, tenant, user_id)
    return UserRepository(db).colleagues_of(user)


@router.get("/{user_id}/chats", response_model=List[ChatOut])
def assigned_chats(
    user_id: int,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    user = get_user_or_404(db, tenant, user_id)
    return sorted(user.assigned_chats, key=lambda chat: chat.id)
