import db
from report import total

print(db.ping(), total())
print(db.statements)
print(db.db_engine.pool.size(), db.db_engine.pool._max_overflow)
db.db_engine.dispose()
