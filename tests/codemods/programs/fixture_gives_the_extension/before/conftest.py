import pytest

from app import create_app
from app import db as extension


@pytest.fixture
def app():
    return create_app()


@pytest.fixture
def db(app):
    with app.app_context():
        extension.create_all()
        yield extension
        extension.drop_all()
