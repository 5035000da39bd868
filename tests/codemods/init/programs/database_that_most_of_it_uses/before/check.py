from app.main_db import engine
from app.work import one, two

print(one(), two())
engine.dispose()
