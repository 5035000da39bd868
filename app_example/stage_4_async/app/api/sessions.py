from typing import List, Optional
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request

from app.api.deps import get_current_session, get_session_service, get_tenant
from app.db.session import SessionDep
from app.models import Tenant, UserSession
from app.schemas import LoginRequest, UserOut, UserSessionOut
from app.services.session_service import SessionService

router = APIRouter()


@router.post("", response_model=UserSessionOut, status_code=201)
async def login(
    session: SessionDep,
    body: LoginRequest,
    request: Request,
    user_agent: Optional[str] = Header(None),
    tenant: Tenant = Depends(get_tenant),
    service: SessionService = Depends(get_session_service),
):
    ip_address = request.client.host if request.client else None
    return await session.run_sync(lambda _: service.login(tenant, body.email, ip_address, user_agent))


@router.get("/me", response_model=UserOut)
def me(user_session: UserSession = Depends(get_current_session)):
    return user_session.user


@router.get("", response_model=List[UserSessionOut])
async def my_sessions(
    session: SessionDep,
    user_session: UserSession = Depends(get_current_session),
    service: SessionService = Depends(get_session_service),
):
    return await session.run_sync(lambda _: service.active(user_session.user_id))


@router.post("/revoke-others")
async def revoke_others(
    session: SessionDep,
    user_session: UserSession = Depends(get_current_session),
    service: SessionService = Depends(get_session_service),
):
    ended = await session.run_sync(lambda _: service.revoke_all(user_session.user_id, keep=user_session.id))
    return {"ended": ended}


@router.get("/{session_uuid}", response_model=UserSessionOut)
async def get_session(
    session: SessionDep,
    session_uuid: UUID, service: SessionService = Depends(get_session_service)
):
    return await session.run_sync(lambda _: service.current(session_uuid))


@router.post("/{session_uuid}/touch", response_model=UserSessionOut)
async def touch(session: SessionDep, session_uuid: UUID, service: SessionService = Depends(get_session_service)):
    return await session.run_sync(lambda _: service.touch(session_uuid))


@router.delete("/{session_uuid}", status_code=204)
async def logout(session: SessionDep, session_uuid: UUID, service: SessionService = Depends(get_session_service)):
    await session.run_sync(lambda _: service.logout(session_uuid))
