"""Test cases with helpers of their own: unittest calls what it knows, and nothing else."""

import threading
import unittest

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from models import Base, User


class Cases:
    class Plain(unittest.TestCase):
        def setUp(self):
            engine = create_engine("sqlite://", poolclass=StaticPool)
            Base.metadata.create_all(engine)
            self.session = Session(engine)
            self.session.add_all([User(name="ed"), User(name="jo")])
            self.session.commit()

        def users(self):
            return self.session.query(User).order_by(User.id)

        def assert_names(self, query, names):
            self.assertEqual([user.name for user in query], names)

        def shortDescription(self, query=None):
            return query.count() if query is not None else None

    class Named(Plain):
        def check(self):
            self.assert_names(self.session.query(User).order_by(User.name), ["ed", "jo"])


class TestUsers(Cases.Named):
    def test_names(self):
        self.check()
        self.assert_names(self.users(), ["ed", "jo"])
        self.assertEqual(self.users().count(), 2)

    def test_described(self):
        self.assertEqual(self.shortDescription(self.session.query(User)), 2)  # refuse: unknown-callers


class Worker(threading.Thread):
    def __init__(self, session: Session):
        super().__init__()
        self.db = session
        self.found = []

    def wanted(self):
        return self.db.query(User).filter(User.name == "jo")

    def run(self):
        self.found = [user.id for user in self.wanted()]
