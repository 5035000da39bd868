from app.db.session import create_tables, get_sync_session
from app.models import Note

create_tables(drop=True)
with get_sync_session() as session:
    note = Note(content={"b": 1, "a": 2})
    session.add(note)
    print(session.query(Note).count(), session.autoflush)
print(note.content)
