from typing import List

from fastapi import APIRouter, HTTPException

from app.chat_store import SQLChatStore, StoredMessage
from app.schemas import AssistantEntry

router = APIRouter()
store = SQLChatStore()


@router.get("")
def list_keys():
    return store.get_keys()


@router.get("/{key}", response_model=List[AssistantEntry])
def get_memory(key: str):
    return [vars(message) for message in store.get_messages(key)]


@router.put("/{key}", status_code=204)
def set_memory(key: str, entries: List[AssistantEntry]):
    store.set_messages(key, [StoredMessage(**e.model_dump()) for e in entries])


@router.post("/{key}", status_code=201)
def add_memory(key: str, entry: AssistantEntry):
    store.add_message(key, StoredMessage(**entry.model_dump()))
    return {"count": len(store.get_messages(key))}


@router.delete("/{key}/last", response_model=AssistantEntry)
def forget_last(key: str):
    removed = store.delete_last_message(key)
    if removed is None:
        raise HTTPException(status_code=404, detail="Nothing to forget")
    return vars(removed)


@router.delete("/{key}")
def forget(key: str):
    removed = store.delete_messages(key)
    return {"deleted": len(removed or [])}
