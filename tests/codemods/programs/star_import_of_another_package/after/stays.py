from billing import *
from elsewhere import *


def numbers(session):
    return [i.number for i in session.query(Invoice).limit(5).all()]  # refuse: unknown-elements
