"""Request and response bodies."""

from datetime import datetime
from typing import Any, Dict, List, Optional
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ORMModel(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TenantCreate(BaseModel):
    slug: str = Field(min_length=2, max_length=60, pattern=r"^[a-z0-9-]+$")
    name: str = Field(min_length=1, max_length=200)
    plan: str = "free"


class TenantUpdate(BaseModel):
    name: Optional[str] = Field(default=None, min_length=1, max_length=200)
    plan: Optional[str] = None
    settings: Optional[Dict[str, Any]] = None


class TenantOut(ORMModel):
    id: int
    slug: str
    name: str
    plan: str
    is_active: bool
    settings: Dict[str, Any]


class UserCreate(BaseModel):
    email: str = Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
    first_name: str = ""
    last_name: str = ""
    role: str = Field(default="customer", pattern=r"^(customer|agent|admin)$")


class UserUpdate(BaseModel):
    first_name: Optional[str] = None
    last_name: Optional[str] = None
    role: Optional[str] = Field(default=None, pattern=r"^(customer|agent|admin)$")
    is_active: Optional[bool] = None


class UserOut(ORMModel):
    id: int
    email: str
    full_name: str
    role: str
    is_active: bool
    is_online: bool


class AgentLoad(BaseModel):
    agent: UserOut
    open_chats: int


class LoginRequest(BaseModel):
    email: str


class UserSessionOut(ORMModel):
    id: UUID
    user: UserOut
    ip_address: Optional[str]
    last_activity_at: datetime
    expires_at: datetime
    is_active: bool


class TagOut(ORMModel):
    id: int
    name: str


class ChatCreate(BaseModel):
    customer_id: int
    subject: str = Field(min_length=1, max_length=200)
    channel: str = "web"
    priority: int = Field(default=0, ge=0, le=9)
    body: Optional[str] = None
    tags: List[str] = []


class ChatOut(ORMModel):
    id: int
    subject: str
    channel: str
    status: str
    priority: int
    is_open: bool
    customer: UserOut
    agent: Optional[UserOut]
    tags: List[TagOut]
    last_message_at: Optional[datetime]


class MessageCreate(BaseModel):
    sender_id: Optional[int] = None
    body: str = Field(min_length=1)
    extra: Dict[str, Any] = {}


class MessageOut(ORMModel):
    id: int
    chat_session_id: int
    sender: Optional[UserOut]
    body: str
    extra: Dict[str, Any]
    created_at: datetime
    read_at: Optional[datetime]


class ChatDetail(ChatOut):
    message_count: int
    last_message: Optional[MessageOut]


class AssignRequest(BaseModel):
    agent_id: int


class TagsRequest(BaseModel):
    tags: List[str]


class WebhookOut(ORMModel):
    id: int
    provider: str
    event_type: str
    external_id: str
    payload: Dict[str, Any]
    status: str
    attempts: int
    last_error: Optional[str]
    received_at: datetime
    processed_at: Optional[datetime]


class WebhookAttemptOut(ORMModel):
    number: int
    succeeded: bool
    error: Optional[str]
    created_at: datetime


class WebhookFilter(BaseModel):
    provider: Optional[str] = None
    event_type: Optional[str] = None
    status: Optional[List[str]] = None
    received_after: Optional[datetime] = None
    received_before: Optional[datetime] = None
    min_attempts: Optional[int] = None


class ReplayRequest(BaseModel):
    provider: Optional[str] = None
    since: Optional[datetime] = None
    until: Optional[datetime] = None


class AssistantEntry(BaseModel):
    role: str = Field(pattern=r"^(system|user|assistant)$")
    content: str
