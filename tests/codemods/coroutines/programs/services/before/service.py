from sqlalchemy.orm import Session

from models import Post, User
from repositories import PostRepository, UserRepository


class NotFound(Exception):
    pass


class BlogService:
    def __init__(self, db: Session, prefix: str = ""):
        self.db = db
        self.prefix = prefix
        self.users = UserRepository(db)
        self.posts = PostRepository(db)

    def author(self, name: str) -> User:
        user = self.users.named(self.prefix + name)
        if user is None:
            raise NotFound(name)
        return user

    def write(self, name: str, title: str) -> Post:
        post = Post(title=title, author_id=self.author(name).id)
        self.db.add(post)
        self.db.commit()
        self.db.refresh(post)
        return post

    def overview(self) -> dict:
        return {user.name: self.posts.titles(user) for user in self.users.everything()}
