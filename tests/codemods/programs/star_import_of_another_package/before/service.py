from billing import *


def add(session, number):
    session.add(Invoice(number=number))
    session.commit()


def numbers(session):
    return [i.number for i in session.query(Invoice).filter(Invoice.number != "x").order_by(Invoice.id).all()]
