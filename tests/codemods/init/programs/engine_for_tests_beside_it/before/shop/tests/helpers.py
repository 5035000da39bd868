from shop.database import Base, TestingSession, test_engine


def prepared():
    Base.metadata.create_all(test_engine)
    return TestingSession()
