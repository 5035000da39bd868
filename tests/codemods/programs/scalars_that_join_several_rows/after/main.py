import warnings

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.pool import StaticPool

from models import Base, Node, Owner, Pet, Shop, Street, Tag


def owners(session: Session):
    return [owner.name for owner in session.scalars(select(Owner).order_by(Owner.id)).unique()]


def pets(session: Session):
    return [pet.name for pet in session.scalars(select(Pet).order_by(Pet.id)).all()]


def tags(session: Session):
    return [tag.id for tag in session.scalars(select(Tag).options(joinedload(Tag.shop))).all()]


def shops(session: Session):
    return [shop.town for shop in session.scalars(select(Shop).options(joinedload(Shop.street))).unique().all()]


def nodes(session: Session):
    below = session.scalars(select(Node).options(joinedload(Node.parent)).order_by(Node.id)).all()
    above = session.scalars(select(Node).options(joinedload(Node.children)).order_by(Node.id)).unique().all()
    return [n.id for n in below], [n.id for n in above]


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Owner(id=1, name="ed"), Pet(name="rex", owner_id=1), Pet(name="tom", owner_id=1)])
        session.add_all([Tag(pet_id=1, shop_id=1), Shop(town="ny"), Street(town="ny"), Street(town="ny")])
        session.add_all([Node(id=1), Node(id=2, parent_id=1), Node(id=3, parent_id=1)])
        session.commit()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [owners(session), pets(session), tags(session), shops(session), nodes(session)]
