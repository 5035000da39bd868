"""Dependencies of the endpoints."""

from typing import Optional
from uuid import UUID

from alchemove import session_depends
from fastapi import Depends, Header, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import SessionDep, get_session
from app.models import Tenant, UserSession
from app.services.chat_service import ChatService
from app.services.session_service import SessionService


async def get_tenant(x_tenant: str = Header(...), db: AsyncSession = session_depends(get_session)) -> Tenant:
    """The tenant named in the X-Tenant header."""
    tenant = await db.run_sync(Tenant.by_slug, x_tenant)
    if tenant is None:
        raise HTTPException(status_code=404, detail="Unknown tenant")
    return tenant


def get_active_tenant(tenant: Tenant = Depends(get_tenant)) -> Tenant:
    if not tenant.is_active:
        raise HTTPException(status_code=403, detail="The tenant is not active")
    return tenant


def get_chat_service(
    db: SessionDep, tenant: Tenant = Depends(get_active_tenant)
) -> ChatService:
    return ChatService(db.sync_session, tenant)


def get_session_service(db: SessionDep) -> SessionService:
    return SessionService(db.sync_session)


async def get_current_session(
    session: SessionDep,
    x_session: Optional[UUID] = Header(None),
    service: SessionService = Depends(get_session_service),
) -> UserSession:
    if x_session is None:
        raise HTTPException(status_code=401, detail="No session")
    return await session.run_sync(lambda _: service.current(x_session))
