from app import Kind, db


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))


def named(name):
    return User.query.filter(User.name == name).first()


def shelf():
    return Kind.query
