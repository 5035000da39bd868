from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import registry, relationship

mappers = registry()
users = Table("users", mappers.metadata, Column("id", Integer, primary_key=True), Column("name", String(50)))
addresses = Table(
    "addresses",
    mappers.metadata,
    Column("id", Integer, primary_key=True),
    Column("city", String(50)),
    Column("user_id", ForeignKey("users.id")),
)


def mapped():
    """Two classes that are made and mapped here."""
    user, address = type("User", (), {}), type("Address", (), {})
    mappers.map_imperatively(address, addresses)
    mappers.map_imperatively(user, users, properties={"addresses": relationship(address, backref="user")})
    return {"user": user, "address": address}
