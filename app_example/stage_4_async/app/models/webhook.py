from datetime import datetime
from typing import Any, Dict, Optional

from sqlalchemy import JSON, Column, DateTime, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.utils import utcnow


class WebhookStatus:
    PENDING = "pending"
    PROCESSED = "processed"
    IGNORED = "ignored"
    FAILED = "failed"

    ALL = (PENDING, PROCESSED, IGNORED, FAILED)


class WebhookEvent(SQLModel, table=True):
    __tablename__ = "webhook_events"
    __table_args__ = (
        UniqueConstraint(
            "provider", "external_id", name="uq_webhook_provider_external"
        ),
        Index("ix_webhook_events_tenant_status", "tenant_id", "status"),
    )

    id: Optional[int] = Field(default=None, primary_key=True)
    tenant_id: int = Field(foreign_key="tenants.id", ondelete="CASCADE")
    provider: str = Field(max_length=40)
    event_type: str = Field(max_length=80)
    external_id: str = Field(max_length=120)
    payload: Dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )
    status: str = Field(default=WebhookStatus.PENDING, max_length=20)
    attempts: int = Field(default=0)
    last_error: Optional[str] = Field(default=None)
    received_at: datetime = Field(
        default_factory=utcnow,
        sa_column=Column(DateTime(timezone=True), nullable=False),
    )
    processed_at: Optional[datetime] = Field(
        default=None, sa_column=Column(DateTime(timezone=True))
    )


class WebhookAttempt(SQLModel, table=True):
    __tablename__ = "webhook_attempts"

    id: Optional[int] = Field(default=None, primary_key=True)
    event_id: int = Field(
        foreign_key="webhook_events.id", ondelete="CASCADE", index=True
    )
    number: int
    succeeded: bool
    error: Optional[str] = Field(default=None)
    created_at: datetime = Field(
        default_factory=utcnow,
        sa_column=Column(DateTime(timezone=True), nullable=False),
    )
