from app.audit_db import AuditSession
from app.main_db import SessionLocal
