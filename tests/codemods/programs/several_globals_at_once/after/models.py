from app import Kind, db


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))


def named(name):
    return db.session.scalars(db.select(User).where(User.name == name).limit(1)).first()


def shelf():
    return Kind.query
