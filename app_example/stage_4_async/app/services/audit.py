"""The audit log. Written in the transaction of the change it describes."""

from typing import List, Optional

from sqlalchemy.orm import Session
from sqlmodel import Session as SQLModelSession
from sqlmodel import select

from app.database import engine
from app.models import AuditEntry


def record(
    db: Session, tenant_id: int, action: str, instance, detail: Optional[str] = None
) -> AuditEntry:
    entry = AuditEntry(
        tenant_id=tenant_id,
        action=action,
        entity=type(instance).__name__,
        entity_id=str(instance.id),
        detail=detail,
    )
    db.add(entry)
    return entry


def recent_entries(
    tenant_id: int, action: Optional[str] = None, limit: int = 50
) -> List[AuditEntry]:
    with SQLModelSession(engine) as session:
        statement = select(AuditEntry).where(AuditEntry.tenant_id == tenant_id)
        if action:
            statement = statement.where(AuditEntry.action == action)
        statement = statement.order_by(AuditEntry.id.desc()).limit(limit)
        return session.exec(statement).all()
