"""The application: routers and error handlers."""

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app import __version__
from app.api import (
    assistant,
    chats,
    health,
    reports,
    sessions,
    statistics,
    tenants,
    users,
    webhooks,
)
from app.config import settings
from app.exceptions import ChatError

logging.basicConfig(level=logging.INFO)

app = FastAPI(title=settings.PROJECT_NAME, version=__version__)

app.include_router(health.router, tags=["health"])
app.include_router(tenants.router, prefix="/tenants", tags=["tenants"])
app.include_router(users.router, prefix="/users", tags=["users"])
app.include_router(sessions.router, prefix="/sessions", tags=["sessions"])
app.include_router(chats.router, prefix="/chats", tags=["chats"])
app.include_router(webhooks.router, prefix="/webhooks", tags=["webhooks"])
app.include_router(statistics.router, prefix="/statistics", tags=["statistics"])
app.include_router(reports.router, prefix="/reports", tags=["reports"])
app.include_router(assistant.router, prefix="/assistant", tags=["assistant"])


@app.exception_handler(ChatError)
def chat_error(request: Request, exc: ChatError):
    return JSONResponse(status_code=exc.status_code, content={"detail": exc.message})
