"""The module that makes the engine and hands out sessions, whatever it is called, becomes two.

`alchemove init PATH` finds it below PATH by what it defines and writes the session module beside it, by default
`db/session.py`: the engine with all that belongs to it, as it was, the declarative base, and around the engine an
`alchemove.Database` with `get_sync_session`, `get_async_session` and, where the program has FastAPI endpoints,
`get_session` and `SessionDep`. The module itself becomes the shim: `SessionLocal`, `get_db` and the like keep working
there, on the same pool, each use warns at its own line and is counted.

    # app/database.py, before                       # app/database.py, after
    engine = create_engine(settings.URL)            legacy = LegacyDatabase(database, autoflush=False)
    SessionLocal = sessionmaker(                    legacy.export(
        autoflush=False, bind=engine                    __name__,
    )                                                   engine="app.db.session.engine",
                                                        SessionLocal="app.db.session.get_sync_session",
    def get_db():                                       get_db="app.db.session.get_session",
        ...                                         )

Of several engines, in one module or in several, it is the one that most of the program works on, tests left aside. Whatever has a shape of its own stays in the module: what hands out sessions under a private name, so that its old
name warns, everything else as it was. `--diff` shows both files and writes nothing; without it they are written, if git
has the legacy module as it is. Where the module already lies at `db/session.py`, both parts are that one file, unless it
has to stay as it is: then the session module lies beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from alchemove_codemods.registry import rule

REASONS: Mapping[str, str] = {
    "flask-sqlalchemy": "Flask-SQLAlchemy makes the engine and the sessions of this application, and ends them with each "
    "request. There is no module to turn into a shim for them. The other stages work on it as it is: go "
    "on with alchemove rewrite --stage select.",
    "several-databases": "More than one module makes an engine, and each is a database of its own. The session module is for the "
    "one that most of the program works on, if there is one; the sessions of this one stay as they are. Name the module to have "
    "another one: alchemove init PATH/OF/THE/MODULE.py, once for each.",
    "package-at-the-top": "The folder of the project is itself a package: its files import each other relatively from there, and by "
    "which name it is imported stands nowhere in it. Move the package into a folder of its own below that of the project, and run "
    "init again.",
    "several-engines": "The module makes more than one engine, and a session module is for one: for that which most of the program "
    "works on, if there is one. The sessions of this one stay as they are. Move the engine into a module of its own, and run init "
    "for that.",
    "async-engine": "The module makes an async engine already, for coroutines that have been moved by hand: they go on with it. The "
    "module stays as it is, and the session module shares its sync engine and makes an async one like that, with a pool of "
    "its own. When all sessions come from the session module, drop the module's own async engine.",
    "engine-in-function": "The engine is made inside a function that needs or is given arguments, or returns something else, or inside a class "
    "of which the module keeps no object, so that nothing at the top of the module leads to it. Give the module a function without "
    "arguments that returns the engine, and run init again.",
    "engine-made-later": "The engine is made by a function or a class when it is first needed, or inside of the call that makes "
    "the factory of sessions. The module stays as it is, "
    "its names do not warn, and the session module shares its engine. When new code no longer needs the module, move "
    "create_engine() to the session module.",
    "replaced-from-outside": "A test or another module replaces a name of this module that code in it goes on to read. "
    "Elsewhere the replacement would have no effect, so the module stays as it is, and the session module shares its engine. "
    "Let the test replace the function that it means, and run init again.",
    "used-in-place": "Code that has to stay in the module refers to what would move in a place that cannot be rewritten "
    "(an f-string, a name bound anew). The module stays as it is, and the session module shares its engine.",
    "entangled": "Two statements stand on one line, so they cannot be told apart. Write each on a line of its own, and run init "
    "again. The module stays as it is, and the session module shares its engine.",
    "imported-with-star": "Other modules import everything from this one, and it has no __all__: what they get would "
    "change. Import the names, or give the module an __all__, and run init again. The module stays as it is, and the session "
    "module shares its engine.",
    "reserved-name": "The module defines or imports a name that the session module or the shim needs for itself. The module "
    "stays as it is, and the session module shares its engine. Rename it, and run init again.",
    "no-place": "Every place for the session module is taken. Name another: alchemove init PATH --to app/db/session.py.",
    "driver-arguments": "connect_args are for the driver of the sync engine, and the async engine cannot be given them as they "
    "are. Nothing changes for the sync engine. Say what asyncpg or aiosqlite needs before you use the async engine: "
    'Database.from_engine(engine, async_options={"connect_args": {...}}).',
    "engine-listeners": "Listeners on the sync engine do not hear of the async engine. Before you use that, add them for it, "
    "too: event.listens_for(database.async_engine.sync_engine, ...).",
    "session-of-its-own": "This hands out sessions in a way of its own. Its code stays in the shim under a private name, "
    "and its old name warns like the others. Where it is used, get_sync_session() takes its place unless it does something "
    "more; then move that into the session module.",
    "stays": "This is no code of sessions, or of a kind that is not known. It stays in the legacy module as it is and does not "
    "warn. Before the shim can be deleted, move it to where it belongs.",
}


@rule("database-module", stage="shim", reasons=REASONS)
def database_module() -> None:
    """Declared here, carried out by :mod:`alchemove_codemods.init`: it makes files, which no edit of a file can."""
