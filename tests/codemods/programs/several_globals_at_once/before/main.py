import models
from app import app, db, number


def main():
    with app.app_context():
        db.create_all()
        db.session.add_all([models.User(name="ed"), models.User(name="jo")])
        db.session.commit()
        return [models.named("jo").id, models.User.query.count(), models.shelf(), number]
