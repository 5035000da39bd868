from sqlalchemy import select

from data.config import db


class Thing(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer)

    def owner(self):
        from data.models import User

        return db.session.scalars(select(User).filter_by(id=self.user_id)).one().name
