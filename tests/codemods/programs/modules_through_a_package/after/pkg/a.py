from __future__ import annotations

from sqlalchemy import select

from . import b
from .models import User


def query(session):
    return select(User)


def older(session, age):
    return session.scalars(b.filtered(query(session), age)).all()
