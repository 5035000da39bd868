import hmac
from typing import List, Optional

from alchemove import session_depends
from fastapi import APIRouter, Depends, Header, HTTPException, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.deps import get_active_tenant
from app.config import settings
from app.db.session import SessionDep, get_session
from app.models import Tenant
from app.pagination import Page, paginate
from app.repositories import WebhookRepository
from app.schemas import ReplayRequest, WebhookAttemptOut, WebhookFilter, WebhookOut
from app.services.webhook_service import WebhookService
from app.tasks.webhooks import process_webhook
from app.utils import sign_payload

router = APIRouter()


async def raw_body(request: Request) -> bytes:
    """The body as it was signed."""
    return await request.body()


@router.post("/{provider}/receive", response_model=WebhookOut, status_code=202)
async def receive(
    provider: str,
    body: bytes = Depends(raw_body),
    x_signature: Optional[str] = Header(None),
    db: AsyncSession = session_depends(get_session),
    tenant: Tenant = Depends(get_active_tenant),
):
    expected = sign_payload(body, settings.WEBHOOK_SECRET)
    if not hmac.compare_digest(expected, x_signature or ""):
        raise HTTPException(status_code=401, detail="Wrong signature")
    event = await db.run_sync(lambda db: WebhookService(db).receive(tenant, provider, body))
    process_webhook.delay(event.id)
    await db.refresh(event)
    return event


@router.get("", response_model=Page[WebhookOut])
async def list_events(
    status: Optional[str] = None,
    provider: Optional[str] = None,
    page: int = 1,
    size: int = 20,
    db: AsyncSession = session_depends(get_session),
    tenant: Tenant = Depends(get_active_tenant),
):
    return await db.run_sync(lambda db: paginate(
        WebhookRepository(db).listing(tenant.id, status, provider), page, size
    ))


@router.post("/filter", response_model=List[WebhookOut])
async def filter_events(
    criteria: WebhookFilter,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    query = await db.run_sync(lambda db: WebhookRepository(db).filtered(tenant.id, criteria.model_dump()))
    return await db.run_sync(lambda _: query.limit(settings.MAX_PAGE_SIZE).all())


@router.get("/statistics")
async def event_statistics(
    db: SessionDep, tenant: Tenant = Depends(get_active_tenant)
):
    return await db.run_sync(lambda db: WebhookService(db).statistics(tenant))


@router.post("/replay")
async def replay(
    body: ReplayRequest,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    ids = await db.run_sync(lambda db: WebhookService(db).replay(tenant, **body.model_dump()))
    for event_id in ids:
        process_webhook.delay(event_id)
    return {"replayed": ids}


@router.get("/{event_id}", response_model=WebhookOut)
async def get_event(
    event_id: int,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    return await db.run_sync(lambda db: WebhookService(db).get(tenant, event_id))


@router.get("/{event_id}/attempts", response_model=List[WebhookAttemptOut])
async def event_attempts(
    event_id: int,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    event = await db.run_sync(lambda db: WebhookService(db).get(tenant, event_id))
    return await db.run_sync(lambda db: WebhookRepository(db).attempts_of(event.id))


@router.post("/{event_id}/retry", response_model=WebhookOut)
async def retry_event(
    event_id: int,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    event = await db.run_sync(lambda db: WebhookService(db).retry(tenant, event_id))
    process_webhook.delay(event.id)
    await db.refresh(event)
    return event


@router.delete("/{event_id}", status_code=204)
async def delete_event(
    event_id: int,
    db: SessionDep,
    tenant: Tenant = Depends(get_active_tenant),
):
    await db.run_sync(lambda db: WebhookService(db).delete(tenant, event_id))
