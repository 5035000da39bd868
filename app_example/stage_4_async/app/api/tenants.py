from typing import List

from alchemove import session_depends
from fastapi import APIRouter, Depends, HTTPException
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.deps import get_tenant
from app.db.session import SessionDep, get_session
from app.models import Tenant
from app.repositories import TenantRepository
from app.schemas import TenantCreate, TenantOut, TenantUpdate
from app.services.audit import recent_entries, record

router = APIRouter()


@router.post("", response_model=TenantOut, status_code=201)
async def create_tenant(body: TenantCreate, db: SessionDep):
    tenant = Tenant(**body.model_dump())
    db.add(tenant)
    try:
        await db.commit()
    except IntegrityError:
        await db.rollback()
        raise HTTPException(status_code=409, detail="The slug is taken")
    await db.refresh(tenant)
    return tenant


@router.get("", response_model=List[TenantOut])
async def list_tenants(plan: str = None, db: AsyncSession = session_depends(get_session)):
    return await db.run_sync(lambda db: TenantRepository(db).active(plans=[plan] if plan else None))


@router.get("/current", response_model=TenantOut)
def current_tenant(tenant: Tenant = Depends(get_tenant)):
    return tenant


@router.patch("/current", response_model=TenantOut)
async def update_tenant(
    body: TenantUpdate,
    db: SessionDep,
    tenant: Tenant = Depends(get_tenant),
):
    try:
        for name, value in body.model_dump(exclude_unset=True).items():
            setattr(tenant, name, value)
        record(db.sync_session, tenant.id, "tenant.update", tenant)
        await db.commit()
    except Exception:
        await db.rollback()
        raise
    await db.refresh(tenant)
    return tenant


@router.post("/current/deactivate")
async def deactivate_tenant(
    db: SessionDep, tenant: Tenant = Depends(get_tenant)
):
    try:
        users = await db.run_sync(lambda db: TenantRepository(db).deactivate(tenant))
        await db.commit()
    except Exception:
        await db.rollback()
        raise
    return {"users": users}


@router.get("/current/audit")
async def audit_log(action: str = None, tenant: Tenant = Depends(get_tenant)):
    return await run_in_threadpool(recent_entries, tenant.id, action)
