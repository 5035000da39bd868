from helpers import delete, select
from api import *


def update(name):
    return f"{name}!"


def page(names):
    return [select(names, "ed"), delete(names, "ed"), update("jo"), total(), purge("ed"), total()]
