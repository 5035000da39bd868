from sqlalchemy import JSON, Column, Integer, String
from sqlalchemy.orm import deferred


def Id():
    return Column(Integer, primary_key=True)


def required(kind, **options):
    return Column(kind, nullable=False, **options)


def settings():
    return Column(JSON)


def long_text(lazily):
    if lazily:
        return deferred(Column(String(500)))
    return Column(String(500))
