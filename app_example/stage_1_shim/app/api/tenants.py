from typing import List

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.api.deps import get_tenant
from app.database import get_db
from app.models import Tenant
from app.repositories import TenantRepository
from app.schemas import TenantCreate, TenantOut, TenantUpdate
from app.services.audit import recent_entries, record

router = APIRouter()


@router.post("", response_model=TenantOut, status_code=201)
def create_tenant(body: TenantCreate, db: Session = Depends(get_db)):
    tenant = Tenant(**body.model_dump())
    db.add(tenant)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        raise HTTPException(status_code=409, detail="The slug is taken")
    db.refresh(tenant)
    return tenant


@router.get("", response_model=List[TenantOut])
def list_tenants(plan: str = None, db: Session = Depends(get_db)):
    return TenantRepository(db).active(plans=[plan] if plan else None)


@router.get("/current", response_model=TenantOut)
def current_tenant(tenant: Tenant = Depends(get_tenant)):
    return tenant


@router.patch("/current", response_model=TenantOut)
def update_tenant(
    body: TenantUpdate,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_tenant),
):
    try:
        for name, value in body.model_dump(exclude_unset=True).items():
            setattr(tenant, name, value)
        record(db, tenant.id, "tenant.update", tenant)
        db.commit()
    except Exception:
        db.rollback()
        raise
    db.refresh(tenant)
    return tenant


@router.post("/current/deactivate")
def deactivate_tenant(
    db: Session = Depends(get_db), tenant: Tenant = Depends(get_tenant)
):
    try:
        users = TenantRepository(db).deactivate(tenant)
        db.commit()
    except Exception:
        db.rollback()
        raise
    return {"users": users}


@router.get("/current/audit")
def audit_log(action: str = None, tenant: Tenant = Depends(get_tenant)):
    return recent_entries(tenant.id, action)
