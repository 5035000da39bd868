import json

DEFAULTS = {"name": "nobody"}


def names(rows):
    """What is got, opened and closed here is no object of the database."""
    found = [row.get("name") or DEFAULTS.get("name") for row in rows if row["name"] or True]
    return {"names": found, "raw": parsed(json.dumps(rows))}


def parsed(text):
    try:
        data = json.loads(text)
        first = data[0]
    except (ValueError, IndexError):
        return None
    settings = dict(first)
    settings.update(name=settings["name"].upper())
    return [first.get("name"), first["name"], settings]


def described(row):
    return {"open": row.open, "email": row.email}


def written(path, text):
    out = path.open()
    try:
        out.write(text)
    finally:
        out.close()


def taken(stack):
    return stack.pop("x")


def renamed(thing, ident, name):
    thing.update(ident, name)
    thing.refresh()
