from __future__ import annotations

from . import b
from .models import User


def query(session):
    return session.query(User)


def older(session, age):
    return b.filtered(query(session), age).all()
