"""What several test files use on answers of the application."""


def emails(users):
    """The names before the @, in order."""
    return [user["email"].split("@")[0] for user in users]


def ids(rows):
    return [row["id"] for row in rows]
