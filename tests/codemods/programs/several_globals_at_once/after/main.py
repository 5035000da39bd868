import models
from app import app, db, number


def main():
    with app.app_context():
        db.create_all()
        db.session.add_all([models.User(name="ed"), models.User(name="jo")])
        db.session.commit()
        return [models.named("jo").id, db.session.scalar(db.select(db.func.count()).select_from(db.select(models.User).subquery())), models.shelf(), number]
