from billing import Invoice, Period, Series

from warehouse import Client


def unpaid(sesh):
    return sesh.query(Invoice).filter(Invoice.paid.is_(False)).all()


def lines(sesh):
    return sesh.query(Period.first).filter(Period.first != "x").all()  # refuse: session-not-proved


def periods(conn, name):
    return conn.query(Series).filter(Series.name == name).all()  # refuse: session-not-proved


def firsts(conn):
    return conn.query(Period.first, Period.last).order_by(Period.first).all()  # refuse: session-not-proved


def matching(client, text):
    return client.query(Period).rows(), client.query(text).all(), client.query("name").filter(text)


def of_a_warehouse(text):
    return Client(text).query(Series).filter(text)
