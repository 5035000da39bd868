"""Dependencies that tell the database whose request it is, before they hand out their session."""

from fastapi import Depends, Header, HTTPException, Request
from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from database import SessionLocal, get_db
from models import Tag, User

applied: list[str] = []


def get_tenant(x_tenant: str = Header("public")) -> str:
    return x_tenant


def get_owner(db: Session = Depends(get_db)) -> str:  # stays: shared-request
    return db.scalars(select(User.name).order_by(User.id)).first()


def configure(db: Session, tenant: str, *, loud: bool = False) -> None:  # stays: shared-request
    db.info["tenant"] = tenant
    apply(db, tenant.upper() if loud else tenant)


def apply(db: Session, tenant: str) -> None:  # stays: shared-request
    if tenant == "broken":
        db.execute(text("SELECT nothing FROM nowhere"))
    db.execute(update(Tag).where(Tag.id == 1).values(name=tenant))
    applied.append(tenant)


def audit(db: Session, tenant: str) -> None:  # stays: sync-session
    """The second session is one of its own."""
    configure(db, tenant)
    own = SessionLocal()
    own.execute(text("SELECT 1"))
    own.close()


def get_configured(request: Request, tenant: str = Depends(get_tenant)):  # stays: sync-session
    """Nobody commits what it prepares, unless the endpoint does."""
    db = SessionLocal()
    try:
        configure(db, tenant, loud="loud" in request.query_params)
        yield db
    finally:
        db.close()


def get_committed(tenant: str = Depends(get_tenant)):  # stays: sync-session
    db = SessionLocal()
    try:
        if tenant != "public":
            configure(db, tenant)
        yield db
        db.commit()
    except SQLAlchemyError:
        db.rollback()
        raise HTTPException(503, "not there") from None
    except Exception:
        db.rollback()
        raise
    finally:
        db.close()


def get_executed(tenant: str = Depends(get_tenant)):  # stays: sync-session
    with SessionLocal() as db:
        db.info["tenant"] = tenant
        db.execute(
            text("UPDATE tags SET name = :tenant WHERE id = 1"),
            {"tenant": tenant},
        )
        yield db


def get_audited(tenant: str = Depends(get_tenant)):  # stays: sync-session
    db = SessionLocal()
    try:
        audit(db, tenant)
        yield db
    finally:
        db.close()


def get_asked(tenant: str = Depends(get_tenant)):  # stays: sync-session
    db = SessionLocal()
    try:
        found = db.scalar(select(Tag.name).where(Tag.name == tenant))
        if found is None:
            raise HTTPException(404, tenant)
        yield db
    finally:
        db.close()


def get_owned(owner: str = Depends(get_owner)):  # stays: shared-request
    db = SessionLocal()
    try:
        configure(db, owner)
        yield db
    finally:
        db.close()


def get_paired(tenant: str = Depends(get_tenant)):  # stays: sync-session
    """A request has it beside another session."""
    db = SessionLocal()
    try:
        configure(db, tenant)
        yield db
    finally:
        db.close()
