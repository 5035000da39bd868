from sqlalchemy.orm import sessionmaker

from engine import engine

SessionLocal = sessionmaker(autoflush=False, bind=engine)
ReportSession = sessionmaker(engine)
