from flask import Flask

from database import Base, FindableBase, Session, db, engine
from models import Note, Page, Tag, Team, User


def notes(session: Session):
    return [(note.text, [tag.text for tag in note.tags]) for note in session.query(Note).order_by(Note.id)]


def tagged(session: Session):
    return session.query(Tag).filter(Tag.note_id.isnot(None)).count()


def main():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    Base.metadata.create_all(engine)
    FindableBase.metadata.create_all(engine)
    with Session() as session, app.app_context():
        db.create_all()
        db.session.add_all([User(name="ed"), User(name="jo"), Team(name="x")])
        db.session.commit()
        session.add_all([Note(text="a", tags=[Tag(text="x"), Tag(text="y")]), Note(text="b"), Page()])
        session.commit()
        users = [user.name for user in db.session.query(User).order_by(User.name.desc())]
        return users, Team.names(), User.named("jo").id, notes(session), tagged(session), Note.ids(session), Page.first(session).id
