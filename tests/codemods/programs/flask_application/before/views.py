from flask import Blueprint, jsonify

from database import db
from models import Team, User

views = Blueprint("views", __name__)


@views.route("/users")
def users():
    query = User.query.join(User.team).filter(Team.name == "red")
    return jsonify(total=query.count(), names=[u.name for u in query.order_by(User.id)])


@views.route("/users/<int:key>")
def user(key):
    return jsonify(name=User.query.get_or_404(key).name)


@views.route("/teams/<name>")
def team(name):
    found = Team.named(name)
    if found is None:
        return jsonify(error="no such team"), 404
    page = User.query.filter_by(team_id=found.id).order_by(User.id).paginate(page=1, per_page=1)
    return jsonify(id=found.id, total=page.total, names=[u.name for u in page.items])


@views.route("/rename", methods=["POST"])
def rename():
    number = db.session.query(User).filter(User.name == "jo").update({"name": "joe"})
    db.session.commit()
    return jsonify(number=number)
