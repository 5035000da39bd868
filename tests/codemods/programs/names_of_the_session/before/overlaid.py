"""A later star import brings something else of that name."""

from helpers import *
from settings import *


def count():
    return (User.query.count(), session)
