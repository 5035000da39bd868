import hmac
from typing import List, Optional

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from sqlalchemy.orm import Session

from app.api.deps import get_active_tenant
from app.config import settings
from app.database import get_db
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
def receive(
    provider: str,
    body: bytes = Depends(raw_body),
    x_signature: Optional[str] = Header(None),
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    expected = sign_payload(body, settings.WEBHOOK_SECRET)
    if not hmac.compare_digest(expected, x_signature or ""):
        raise HTTPException(status_code=401, detail="Wrong signature")
    event = WebhookService(db).receive(tenant, provider, body)
    process_webhook.delay(event.id)
    db.refresh(event)
    return event


@router.get("", response_model=Page[WebhookOut])
def list_events(
    status: Optional[str] = None,
    provider: Optional[str] = None,
    page: int = 1,
    size: int = 20,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    return paginate(
        WebhookRepository(db).listing(tenant.id, status, provider), page, size
    )


@router.post("/filter", response_model=List[WebhookOut])
def filter_events(
    criteria: WebhookFilter,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    query = WebhookRepository(db).filtered(tenant.id, criteria.model_dump())
    return query.limit(settings.MAX_PAGE_SIZE).all()


@router.get("/statistics")
def event_statistics(
    db: Session = Depends(get_db), tenant: Tenant = Depends(get_active_tenant)
):
    return WebhookService(db).statistics(tenant)


@router.post("/replay")
def replay(
    body: ReplayRequest,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    ids = WebhookService(db).replay(tenant, **body.model_dump())
    for event_id in ids:
        process_webhook.delay(event_id)
    return {"replayed": ids}


@router.get("/{event_id}", response_model=WebhookOut)
def get_event(
    event_id: int,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    return WebhookService(db).get(tenant, event_id)


@router.get("/{event_id}/attempts", response_model=List[WebhookAttemptOut])
def event_attempts(
    event_id: int,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    event = WebhookService(db).get(tenant, event_id)
    return WebhookRepository(db).attempts_of(event.id)


@router.post("/{event_id}/retry", response_model=WebhookOut)
def retry_event(
    event_id: int,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    event = WebhookService(db).retry(tenant, event_id)
    process_webhook.delay(event.id)
    db.refresh(event)
    return event


@router.delete("/{event_id}", status_code=204)
def delete_event(
    event_id: int,
    db: Session = Depends(get_db),
    tenant: Tenant = Depends(get_active_tenant),
):
    WebhookService(db).delete(tenant, event_id)
