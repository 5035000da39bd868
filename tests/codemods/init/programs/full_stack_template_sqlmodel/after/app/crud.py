from sqlmodel import Session

from app.models import User


def create_user(*, session: Session, email: str) -> User:
    user = User(email=email)
    session.add(user)
    session.commit()
    session.refresh(user)
    return user
