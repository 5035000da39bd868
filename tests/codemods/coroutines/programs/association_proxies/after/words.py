"""Users with keywords, whose words a proxy gives."""

from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Team(Base):
    __tablename__ = "teams"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    users = relationship("User", back_populates="team", order_by="User.id")
    names = association_proxy("users", "name")


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    team_id = Column(ForeignKey("teams.id"))
    team = relationship(Team, back_populates="users")
    keywords = relationship("Keyword", order_by="Keyword.id", cascade="all, delete-orphan")
    words = association_proxy("keywords", "word", creator=lambda word: Keyword(word=word))
    team_name = association_proxy("team", "name")


class Keyword(Base):
    __tablename__ = "keywords"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    word = Column(String(50))


def seed(session):  # stays: not-reached
    team = Team(name="blue")
    team.users = [User(name="ada"), User(name="ben")]
    team.users[0].words.append("first")
    session.add(team)
    session.commit()
