from sqlalchemy import select

from stall.listing import Listing
from stall.models import Item, User


class Users(Listing):
    def _base_query(self):
        return select(User).order_by(User.id)

    def _matching(self, query, text):
        return query.where(User.name == text)

    def _title(self):
        return "users"


class Items(Listing):
    def _base_query(self):
        return select(Item).order_by(Item.id.desc())

    def _matching(self, query, text):
        return query.where(Item.label.contains(text))

    def _title(self):
        return "items"
