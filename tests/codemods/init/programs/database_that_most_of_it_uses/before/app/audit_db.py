from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

audit_engine = create_engine("sqlite://")
AuditSession = sessionmaker(bind=audit_engine)
