from flask import Blueprint, jsonify

from database import db
from models import Team, User

views = Blueprint("views", __name__)


@views.route("/users")
def users():
    query = db.select(User).join(User.team).where(Team.name == "red")
    return jsonify(total=db.session.scalar(db.select(db.func.count()).select_from(query.subquery())), names=[u.name for u in db.session.scalars(query.order_by(User.id))])


@views.route("/users/<int:key>")
def user(key):
    return jsonify(name=db.get_or_404(User, key).name)


@views.route("/teams/<name>")
def team(name):
    found = Team.named(name)
    if found is None:
        return jsonify(error="no such team"), 404
    page = db.paginate(db.select(User).filter_by(team_id=found.id).order_by(User.id), page=1, per_page=1)
    return jsonify(id=found.id, total=page.total, names=[u.name for u in page.items])


@views.route("/rename", methods=["POST"])
def rename():
    number = db.session.execute(db.update(User).where(User.name == "jo").values({"name": "joe"})).rowcount
    db.session.commit()
    return jsonify(number=number)
