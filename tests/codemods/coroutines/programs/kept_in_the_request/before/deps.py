"""Dependencies that return what a middleware has put into the state of the request."""

from fastapi import Request
from sqlalchemy.orm import Session


def get_plain(request: Request):
    """Opened before the endpoint runs, closed behind it."""
    return request.state.plain


async def get_careful(request: Request) -> Session:
    return request.state.careful


def get_block(request: Request):
    return request.state.block


def get_dispatched(request: Request):
    return request.state.dispatched


def get_committed(request: Request):
    return request.state.committed


def get_managed(request: Request):
    return request.state.managed


def get_read(request: Request):
    return request.state.read


def get_asked(request: Request):
    return request.state.asked


def get_called(request: Request):
    return request.state.called


def get_late(request: Request):
    return request.state.late
