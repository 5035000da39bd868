from billing import *
from elsewhere import *


def numbers(session):
    return [i.number for i in session.query(Invoice).filter(Invoice.number != "x").order_by(Invoice.id).all()]  # refuse: unknown-elements
