from sqlalchemy.orm import Session

from recipes import Recipes


def check_recipes(session: Session) -> None:
    recipes = Recipes(session)
    before = list(map(str, recipes.names()))
    recipes.create("x")
    assert recipes.names() == [*before, "x"]


checks = [check_recipes]
