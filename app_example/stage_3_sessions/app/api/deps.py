"""Dependencies of the endpoints."""

from typing import Optional
from uuid import UUID

from fastapi import Depends, Header, HTTPException
from sqlalchemy.orm import Session

from app.database import get_db
from app.models import Tenant, UserSession
from app.services.chat_service import ChatService
from app.services.session_service import SessionService


def get_tenant(x_tenant: str = Header(...), db: Session = Depends(get_db)) -> Tenant:
    """The tenant named in the X-Tenant header."""
    tenant = Tenant.by_slug(db, x_tenant)
    if tenant is None:
        raise HTTPException(status_code=404, detail="Unknown tenant")
    return tenant


def get_active_tenant(tenant: Tenant = Depends(get_tenant)) -> Tenant:
    if not tenant.is_active:
        raise HTTPException(status_code=403, detail="The tenant is not active")
    return tenant


def get_chat_service(
    db: Session = Depends(get_db), tenant: Tenant = Depends(get_active_tenant)
) -> ChatService:
    return ChatService(db, tenant)


def get_session_service(db: Session = Depends(get_db)) -> SessionService:
    return SessionService(db)


def get_current_session(
    x_session: Optional[UUID] = Header(None),
    service: SessionService = Depends(get_session_service),
) -> UserSession:
    if x_session is None:
        raise HTTPException(status_code=401, detail="No session")
    return service.current(x_session)
