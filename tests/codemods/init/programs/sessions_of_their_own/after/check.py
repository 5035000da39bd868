from app import storage
from app.work import contents, remember

storage.create_tables(drop=True)
print(remember("one"), remember("two"), contents())
with storage.unit_of_work("more") as session:
    note = session.get(__import__("app.models").models.Note, 1)
    note.content = {"title": "changed"}
print(note.content, contents())
try:
    with storage.unit_of_work() as session:
        session.delete(session.merge(note))
        raise LookupError
except LookupError:
    print(len(contents()))
for session in storage.get_database():
    print(session.autoflush, session.expire_on_commit, session.bind is storage.engine)
with storage.engine.connect() as connection:
    print(connection.exec_driver_sql("SELECT content FROM notes ORDER BY id DESC").scalars().first())
print(set(storage.connections), storage.greeting("Ada"), storage.LABEL)
storage.engine.dispose()
