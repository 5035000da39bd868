from app.api import get_db, seed, three
from app.database import engine

sessions = get_db()
print(seed(), three(next(sessions)))
sessions.close()
engine.dispose()
