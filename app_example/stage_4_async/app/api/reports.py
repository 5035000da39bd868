from typing import Any, Dict, List, Optional

from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import PlainTextResponse

from app import reporting
from app.api.deps import get_active_tenant
from app.models import Tenant

router = APIRouter()


@router.get("/response-times")
def response_times(tenant: Tenant = Depends(get_active_tenant)):
    return reporting.response_times(tenant.id)


@router.get("/channels")
def channels(
    status: Optional[List[str]] = Query(None),
    tenant: Tenant = Depends(get_active_tenant),
):
    return reporting.volume_by_channel(tenant.id, status)


@router.get("/messages.csv", response_class=PlainTextResponse)
def messages_csv(tenant: Tenant = Depends(get_active_tenant)):
    return reporting.export_messages(tenant.id)


@router.post("/import-users")
def import_users(
    rows: List[Dict[str, Any]], tenant: Tenant = Depends(get_active_tenant)
):
    return {"imported": reporting.import_users(tenant.id, rows)}


@router.post("/priority")
def set_priority(
    chat_ids: List[int] = Body(...),
    priority: int = Body(..., ge=0, le=9),
    tenant: Tenant = Depends(get_active_tenant),
):
    changed = reporting.set_chat_priority(tenant.id, chat_ids, priority)
    return {"changed": changed}
