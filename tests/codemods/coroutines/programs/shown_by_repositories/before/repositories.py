from typing import Generic, Optional, Type, TypeVar

from models import Base, Post, Team, User
from sqlalchemy import select
from sqlalchemy.orm import Session

ModelType = TypeVar("ModelType", bound=Base)


class Repository(Generic[ModelType]):
    def __init__(self, model: Type[ModelType]):
        self.model = model

    def get(self, db: Session, key: int) -> Optional[ModelType]:  # stays: stale-after-commit
        return db.scalars(select(self.model).where(self.model.id == key).limit(1)).first()

    def update(self, db: Session, *, db_obj: ModelType, values: dict) -> ModelType:  # stays: stale-after-commit
        for name in values:
            setattr(db_obj, name, values[name])
        db.add(db_obj)
        db.commit()
        db.refresh(db_obj)
        return db_obj


class Users(Repository[User]):
    def update(self, db: Session, *, db_obj: User, values: dict) -> User:  # stays: stale-after-commit
        if "name" in values:
            values = {**values, "name": values["name"].lower()}
        return super().update(db, db_obj=db_obj, values=values)


class Teams(Repository[Team]):
    def update(self, db: Session, *, db_obj: Team, values: dict) -> Team:  # stays: stale-after-commit
        names = [u.name for u in db_obj.users]  # stays: statement-form
        return super().update(db, db_obj=db_obj, values={**values, "name": f"{values['name']} of {len(names)}"})


class Posts(Repository[Post]):
    def update(self, db: Session, *, db_obj: Post, values: dict) -> Post:  # stays: stale-after-commit
        for name in values:
            setattr(db_obj, name, values[name])
        db.add(Post(title="copy", author=db_obj.author))  # stays: statement-form
        db.commit()
        return db_obj


users = Users(User)
teams = Teams(Team)
posts = Posts(Post)
