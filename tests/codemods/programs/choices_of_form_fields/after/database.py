from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

engine = create_engine("sqlite://", poolclass=StaticPool)
db = scoped_session(sessionmaker(engine))
Base = declarative_base()
Base.query = db.query_property()
