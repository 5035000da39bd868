from app.setup import Sessions, engine, session_context
from sqlalchemy import text

with session_context() as session:
    print(session.execute(text("SELECT 1")).scalar_one(), session.autoflush)
print(Sessions().bind is engine)
engine.dispose()
