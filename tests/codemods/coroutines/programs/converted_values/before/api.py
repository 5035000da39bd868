from datetime import date, datetime
from decimal import Decimal

from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from crud import Recipes, rated, save, served
from database import get_db
from models import Recipe

app = FastAPI()


@app.put("/number/{ident}")
def a_number_for_a_text(ident: int, db: Session = Depends(get_db)):
    recipe = db.get(Recipe, ident)
    recipe.image = len(recipe.name) + 5
    db.commit()
    return recipe.image


@app.put("/parameter")
def a_parameter_for_a_text(number: int, db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 1)).one()
    recipe.image = number
    db.commit()
    return {"image": recipe.image, "number": number}


@app.put("/repository")
def of_a_repository(db: Session = Depends(get_db)):
    return Recipes(db).update_image("cake")


@app.put("/rating")
def a_whole_number_for_a_float(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 2)).one()
    recipe.rating = 4
    db.commit()  # what others see
    return str(recipe.rating)


@app.post("/new")
def made_here(db: Session = Depends(get_db)):
    recipe = Recipe(name="rice", image=len("rice"), price=2.5, rating=3, is_public=1)
    db.add(recipe)
    db.commit()
    return [recipe.image, str(recipe.price), str(recipe.rating), str(recipe.is_public)]


@app.put("/cooked")
def a_time_for_a_date(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 3)).one()
    recipe.cooked_on = datetime(2026, 1, 2, 3, 4)
    recipe.cooked_on = datetime.utcnow()
    db.commit()
    return len(str(recipe.cooked_on))


@app.put("/helper")
def saved_by_a_helper(db: Session = Depends(get_db)):
    recipe = db.get(Recipe, 3)
    recipe.image = len(recipe.name)
    save(db)
    return recipe.image


@app.put("/refreshed")
def refreshed(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 2)).one()
    recipe.rating = 5
    db.commit()
    db.refresh(recipe)
    return str(recipe.rating)


@app.put("/other")
def another_attribute_is_read(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 2)).one()
    recipe.rating = 6
    db.commit()
    return recipe.name


@app.put("/flushed")
def only_flushed(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 2)).one()
    recipe.rating = 7
    db.flush()
    return str(recipe.rating)


@app.put("/same")
def of_the_type_of_the_column(name: str, servings: int, db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 1)).one()
    recipe.name = name
    recipe.servings = servings
    recipe.price = Decimal("2.50")
    recipe.rating = 4.5
    recipe.code = 9
    recipe.is_public = True
    recipe.cooked_on = date(2026, 1, 2)
    db.commit()
    return [recipe.name, recipe.servings, str(recipe.price), recipe.rating, recipe.code, recipe.is_public]


@app.put("/sync")
def by_what_stays_sync(db: Session = Depends(get_db)):
    return {"rated": rated(db, 3)}


@app.put("/served")
def by_a_helper_that_commits(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 3)).one()
    return [recipe.name, served(db, 3)]


@app.put("/declared")
def by_an_annotation(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 3)).one()
    recipe.label = len(recipe.name)
    if recipe.servings:
        recipe.rating = 2
    db.commit()
    return [recipe.label, str(recipe.rating)]


@app.put("/shown")
def shown_before_as_well(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 1)).one()
    recipe.image = len(recipe.name)
    seen = vars(recipe)["image"]
    db.commit()
    return [seen, recipe.image]


@app.put("/optional")
def a_parameter_that_may_be_none(number: int = None, db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 1)).one()
    recipe.image = number
    db.commit()
    return recipe.image


@app.put("/before")
def read_before_as_well(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 1)).one()
    recipe.image = len(recipe.name)
    half = recipe.image / 2
    db.commit()
    return [half, recipe.image]


@app.put("/text")
def a_text_for_a_number(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 1)).one()
    recipe.servings = f"{recipe.id}2"
    db.commit()
    return recipe.servings


@app.put("/line")
def on_one_line(db: Session = Depends(get_db)):
    recipe = db.scalars(select(Recipe).where(Recipe.id == 1)).one()
    recipe.rating = 3
    db.commit(); rating = recipe.rating  # fmt: skip
    return str(rating)
