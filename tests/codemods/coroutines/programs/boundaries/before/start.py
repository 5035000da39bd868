"""Runs when it is imported."""

from database import SessionLocal
from helpers import names

with SessionLocal() as db:
    NAMES = names(db)
