from __future__ import annotations

from alchemove_codemods import inventory

SOURCES = {
    "app/database.py": (
        b"import os, psycopg2\nfrom sqlalchemy.orm import DeclarativeBase, sessionmaker\n\n"
        b"class Base(DeclarativeBase):\n    pass\n\n"
        b"SessionLocal = sessionmaker(bind=None)\nURL = 'postgresql+asyncpg://localhost/app'\n"
    ),
    "app/models.py": (
        b"from sqlalchemy import Column, Integer\nfrom app.database import Base\n\n"
        b"class User(Base):\n    __tablename__ = 'users'\n    id = Column(Integer, primary_key=True)\n\n"
        b"class Plain:\n    pass\n"
    ),
    "app/main.py": b"from fastapi import FastAPI\nfrom fastapi.responses import Response\nimport psycopg2.extras\n",
    "app/other.py": b"import fastapi\nfrom flask_login import current_user\n",
    "app/broken.py": b"class User(Base)\n    id = Column(",
}


def test_models_sessions_drivers_and_frameworks_are_found() -> None:
    found = inventory.of(SOURCES)
    assert "app/models.py:4 User" in found["models"]
    assert not any("Plain" in model for model in found["models"])
    assert found["sessions"] == ["app/database.py:7 SessionLocal = sessionmaker()"]
    assert found["drivers"] == ["postgresql+asyncpg:// (1 file)", "psycopg2 (1 file)"]
    assert found["frameworks"] == ["fastapi (2 files)", "flask_login (1 file)"]


def test_a_program_without_a_database_has_none_of_them() -> None:
    assert inventory.of({"a.py": b"x = 1\n"}) == {"models": [], "sessions": [], "drivers": [], "frameworks": []}


def test_only_the_targets_are_looked_through_with_the_facts_of_all() -> None:
    found = inventory.of(SOURCES, ["app/models.py"])
    assert found == {"models": ["app/models.py:4 User"], "sessions": [], "drivers": [], "frameworks": []}
