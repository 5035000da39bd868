from sqlalchemy import Column, ForeignKey, String
from sqlalchemy.orm import declarative_base, relationship

import kinds

Base = declarative_base()


class Team(Base):
    __tablename__ = "teams"
    id = kinds.Id()
    settings = kinds.settings()
    users = relationship("User", back_populates="team")


class User(Base):
    __tablename__ = "users"
    id = kinds.Id()
    name = kinds.required(String(50))
    about = kinds.long_text(True)
    team_id = Column(ForeignKey("teams.id"))
    team = relationship("Team", back_populates="users")
