from sqlalchemy import text

from app.audit_db import AuditSession
from app.main_db import SessionLocal


def one():
    with SessionLocal() as db:
        return db.scalar(text("SELECT 1"))


def two():
    with SessionLocal() as db, AuditSession() as audit:
        return db.scalar(text("SELECT 2")), audit.scalar(text("SELECT 3"))
