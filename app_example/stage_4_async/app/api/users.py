from datetime import timedelta
from typing import List, Optional

from collections.abc import Sequence
from alchemove import session_depends
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.api.deps import get_active_tenant
from app.config import settings
from app.db.session import SessionDep, get_session
from app.models import ChatSession, Tenant, User
from app.pagination import Page, paginate
from app.queries import available_agents
from app.repositories import ChatRepository, UserRepository
from app.schemas import AgentLoad, ChatOut, UserCreate, UserOut, UserUpdate
from app.services.audit import record
from app.utils import utcnow

router = APIRouter()


async def get_user_or_404(db: AsyncSession, tenant: Tenant, user_id: int, options: Sequence[ORMOption] = ()) -> User:
    user = (
        await db.scalars(select(User).filter_by(id=user_id, tenant_id=tenant.id).limit(1).options(*options))
    ).first()
    if user is None:
        raise HTTPException(status_code=404, detail="User not found")
    return user


@router.post("", response_model=UserOut, status_code=201)
async def create_user(
    body: UserCreate,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    users = UserRepository(db.sync_session)
    if await db.run_sync(lambda _: users.get_by_email(tenant.id, body.email)):
        raise HTTPException(status_code=409, detail="The address is taken")
    try:
        user = await db.run_sync(lambda _: users.create(tenant_id=tenant.id, **body.model_dump()))
        record(db.sync_session, tenant.id, "user.create", user)
        await db.commit()
    except Exception:
        await db.rollback()
        raise
    await db.refresh(user)
    return user


@router.get("", response_model=Page[UserOut])
async def list_users(
    q: Optional[str] = None,
    role: Optional[str] = None,
    include_inactive: bool = False,
    sort: str = "email",
    descending: bool = False,
    page: int = 1,
    size: int = 20,
    db: AsyncSession = session_depends(get_session),
    tenant: Tenant = Depends(get_active_tenant),
):
    query = await db.run_sync(lambda db: UserRepository(db).search(
        tenant.id, q, role, include_inactive, sort, descending
    ))
    return await db.run_sync(lambda _: paginate(query, page, size))


@router.get("/staff", response_model=List[str])
async def staff_emails(
    db: SessionDep, tenant: Tenant = Depends(get_active_tenant)
):
    return await db.run_sync(lambda db: UserRepository(db).staff_emails(tenant.id))


@router.get("/agents/available", response_model=List[AgentLoad])
async def list_available_agents(
    db: SessionDep, tenant: Tenant = Depends(get_active_tenant)
):
    rows = (
        await db.execute(available_agents(db.sync_session, tenant.id, settings.AGENT_MAX_OPEN_CHATS))
    ).unique().all()
    return [{"agent": user, "open_chats": open_chats} for user, open_chats in rows]


@router.get("/inactive", response_model=List[UserOut])
async def inactive_users(
    days: int = 30,
    db: AsyncSession = session_depends(get_session),
    tenant: Tenant = Depends(get_active_tenant),
):
    moment = utcnow() - timedelta(days=days)
    return await db.run_sync(lambda db: UserRepository(db).inactive_since(tenant.id, moment))


@router.get("/by-email/{email}/chats", response_model=List[ChatOut])
async def chats_by_email(
    email: str,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    return await db.run_sync(lambda db: ChatRepository(db).of_customer(email, tenant.id))


@router.get("/{user_id}", response_model=UserOut)
async def get_user(
    user_id: int,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    return await get_user_or_404(db, tenant, user_id)


@router.patch("/{user_id}", response_model=UserOut)
async def update_user(
    user_id: int,
    body: UserUpdate,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    user = await get_user_or_404(db, tenant, user_id)
    try:
        await db.run_sync(lambda db: UserRepository(db).update(user, **body.model_dump(exclude_unset=True)))
        await db.commit()
    except Exception:
        await db.rollback()
        raise
    await db.refresh(user)
    return user


@router.delete("/{user_id}", status_code=204)
async def delete_user(
    user_id: int,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    user = await get_user_or_404(db, tenant, user_id)
    open_chats = select(ChatSession.id).where(
        ChatSession.customer_id == user.id, ChatSession.is_open
    )
    if await db.scalar(select(open_chats.with_only_columns(literal_column("1"), maintain_column_froms=True).exists())):
        raise HTTPException(status_code=409, detail="The user has open chats")
    try:
        # chats of an agent stay: they lose the agent only
        await db.execute(update(ChatSession).where(ChatSession.agent_id == user.id).values(
            {"agent_id": None},
        ))
        await db.delete(user)
        await db.commit()
    except Exception:
        await db.rollback()
        raise


@router.get("/{user_id}/colleagues", response_model=List[UserOut])
async def colleagues(
    user_id: int,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    user = await get_user_or_404(db, tenant, user_id)
    return await db.run_sync(lambda db: UserRepository(db).colleagues_of(user))


@router.get("/{user_id}/chats", response_model=List[ChatOut])
async def assigned_chats(
    user_id: int,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    user = await get_user_or_404(
        db,
        tenant,
        user_id,
        options=[
            selectinload(User.assigned_chats).options(
                selectinload(ChatSession.agent), selectinload(ChatSession.customer), selectinload(ChatSession.tags)
            )
        ],
    )
    return sorted(user.assigned_chats, key=lambda chat: chat.id)
