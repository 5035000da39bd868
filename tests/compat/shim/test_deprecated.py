from __future__ import annotations

import importlib
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from alchemove.deprecated import AlchemoveDeprecationWarning, Legacy, deprecated_exports
from alchemove.ledger import ledger

from .conftest import Application

Shim = Callable[[], Application]


def lines_blamed(text: str) -> list[str]:
    """``file:line`` of every deprecation warning that a program printed."""
    return [
        line.split(" AlchemoveDeprecationWarning")[0].rstrip(":").rsplit("/", 1)[-1]
        for line in text.splitlines()
        if "AlchemoveDeprecationWarning:" in line
    ]


@pytest.fixture
def module() -> Iterator[ModuleType]:
    made = ModuleType("legacy_module_of_this_test")
    sys.modules[made.__name__] = made
    ledger().clear()
    yield made
    del sys.modules[made.__name__]


def test_every_importer_is_blamed_at_its_own_line(shim: Shim) -> None:
    # A warning when the module is imported would blame only the first of them.
    application = shim()
    application.write(
        first="\nfrom app.database import get_db\n",
        second="\n\nfrom app.database import get_db as session, LIMIT\n",
        third="import app.database\n\n\nprint(app.database.get_db)\n",
        main="import first, second, third\n",
    )
    done = application.run("main.py")
    assert done.returncode == 0, done.stderr
    assert lines_blamed(done.stderr) == ["first.py:2", "second.py:3", "third.py:4"]
    assert "app.database.get_db is deprecated: use app.db.session.get_session" in done.stderr


def test_a_star_import_gets_the_legacy_and_the_public_names_and_is_blamed(shim: Shim) -> None:
    application = shim()
    application.write(
        main="\nfrom app.database import *\nprint(LIMIT, engine, get_db.__name__, '_private' in globals())\n"
    )
    done = application.run("main.py")
    assert done.stdout == "10 the engine _get_db False\n"
    assert lines_blamed(done.stderr) == ["main.py:2", "main.py:2"]


def test_a_declared_all_is_extended(module: ModuleType) -> None:
    module.__all__ = ["kept"]
    module.kept = 1
    module.other = 2
    deprecated_exports(module, {"old": (1, "new")})
    assert module.__all__ == ["kept", "old"]


def test_names_defined_after_the_call_are_part_of_a_star_import(module: ModuleType) -> None:
    deprecated_exports(module, {"old": (1, "new")})
    module.later = 2
    assert set(module.__all__) == {"later", "old"}


def test_an_import_from_a_package_counts_once(application: Application) -> None:
    # The import system probes a package with hasattr() first: counted naively, every use counts twice.
    application.write(
        main="""
            import warnings
            from alchemove.ledger import ledger
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                from database import get_db
                from database import *
            print(len(caught), sorted(ledger().uses().values()))
        """
    )
    package = application.folder / "database"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from alchemove.deprecated import deprecated_exports as _exports\n_exports(__name__, {'get_db': (1, 'new')})\n"
    )
    assert application.run("main.py").stdout == "2 [1, 1]\n"


@pytest.mark.parametrize(
    ("arguments", "variables", "shown"),
    [
        ([], {}, True),
        (["-W", "ignore"], {}, False),
        (["-W", "ignore::DeprecationWarning"], {}, False),
        ([], {"PYTHONWARNINGS": "ignore::DeprecationWarning"}, False),
        ([], {"PYTHONWARNINGS": "default"}, True),
    ],
)
def test_the_warning_is_visible_unless_a_filter_hides_it(
    shim: Shim, arguments: list[str], variables: dict[str, str], shown: bool
) -> None:
    # Python hides a plain DeprecationWarning raised for a line outside __main__.
    application = shim()
    application.write(user="from app.database import get_db\n", main="import user\n")
    done = application.run(*arguments, "main.py", **variables)
    assert done.returncode == 0, done.stderr
    assert ("AlchemoveDeprecationWarning" in done.stderr) is shown


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_filter_of_the_application_decides_wherever_it_stands(shim: Shim, when: str) -> None:
    application = shim()
    hide = "import warnings; warnings.filterwarnings('ignore', category=DeprecationWarning)\n"
    load = "import app.database\n"
    application.write(
        user="from app.database import get_db\n",
        main=(hide + load if when == "before" else load + hide) + "import user\n",
    )
    assert application.run("main.py").stderr == ""


def test_it_is_an_error_under_w_error_at_the_import_and_at_the_attribute(shim: Shim) -> None:
    application = shim()
    application.write(
        one="from app.database import get_db\n",
        two="import app.database\napp.database.engine\n",
        three="import app.database\napp.database.LIMIT\nhasattr(app.database, 'nothing')\n",
    )
    for name, line in (("one.py", 1), ("two.py", 2)):
        done = application.run("-W", "error", name)
        assert done.returncode == 1
        assert f'{name}", line {line}' in done.stderr
        assert "AlchemoveDeprecationWarning: app.database." in done.stderr
    assert application.run("-W", "error", "three.py").returncode == 0


def test_only_alchemoves_warning_can_be_an_error(shim: Shim) -> None:
    application = shim()
    application.write(
        main="""
            import warnings
            from alchemove.deprecated import AlchemoveDeprecationWarning
            warnings.filterwarnings("error", category=AlchemoveDeprecationWarning)
            warnings.warn("another", DeprecationWarning)
            try:
                from app.database import get_db
            except AlchemoveDeprecationWarning as problem:
                print("caught", problem)
        """
    )
    assert application.run("main.py").stdout.startswith("caught app.database.get_db is deprecated")


def test_depends_blames_the_line_that_names_the_dependency(shim: Shim) -> None:
    application = shim()
    application.write(
        api="""
            import app.database
            from fastapi import Depends, FastAPI
            from app.database import get_db

            api = FastAPI()

            @api.get("/one")
            def one(db=Depends(get_db)): return db

            @api.get("/two")
            def two(db=Depends(app.database.get_db)): return db
        """,
        main="""
            from fastapi.testclient import TestClient
            from api import api
            client = TestClient(api)
            print([client.get(path).json() for path in ("/one", "/two", "/one")])
        """,
    )
    done = application.run("main.py")
    assert done.stdout == "['session', 'session', 'session']\n", done.stderr
    # Neither contextlib nor FastAPI is blamed, and requests do not warn again.
    assert lines_blamed(done.stderr) == ["api.py:4", "api.py:12"]


def test_a_library_that_gets_the_name_is_passed_over_for_the_application_line(module: ModuleType) -> None:
    deprecated_exports(module, {"old": (1, "new")})
    patch = pytest.MonkeyPatch()
    with pytest.warns(AlchemoveDeprecationWarning) as caught:
        patch.setattr(module, "old", 2)
    line = inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]
    patch.undo()
    assert [(each.filename, each.lineno) for each in caught] == [(__file__, line)]
    assert ledger().uses() == {(f"{module.__name__}.old", __file__, line): 1}


def test_an_import_path_is_resolved_at_every_use_through_attributes(module: ModuleType) -> None:
    class Database:
        made = 0

        @property
        def engine(self) -> int:
            self.made += 1
            return self.made

    module.database = Database()
    deprecated_exports(module, {"engine": (f"{module.__name__}:database.engine", "new")})
    assert module.database.made == 0
    with pytest.warns(AlchemoveDeprecationWarning):
        assert [module.engine, module.engine] == [1, 2]


def test_an_import_path_that_leads_nowhere_names_both_ends(module: ModuleType) -> None:
    deprecated_exports(module, {"engine": ("os:nothing.here", "new")})
    with (
        pytest.warns(AlchemoveDeprecationWarning),
        pytest.raises(ImportError, match=r"'os:nothing.here' cannot be found: module 'os' has no attribute 'nothing'"),
    ):
        module.engine  # noqa: B018


def test_a_name_that_is_still_defined_is_refused(module: ModuleType) -> None:
    module.engine = object()
    with pytest.raises(ValueError, match=r"still defines engine.*delete it"):
        deprecated_exports(module, {"engine": (1, "new")})


def test_a_text_that_is_no_import_path_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="import path") as caught:
        Legacy("postgresql://user:secret@host/name", "settings.database_url")
    assert "secret" not in str(caught.value)


def test_unknown_names_fail_as_in_any_module(module: ModuleType) -> None:
    deprecated_exports(module, {"old": (1, "new")})
    assert not hasattr(module, "nothing")
    with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'nothing'"):
        module.nothing  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec(f"from {module.__name__} import nothing")


def test_a_getattr_of_the_module_keeps_working(module: ModuleType) -> None:
    module.__getattr__ = lambda name: f"own {name}"  # type: ignore[method-assign]
    deprecated_exports(module, {"old": (1, "new")})
    assert module.anything == "own anything"
    with pytest.warns(AlchemoveDeprecationWarning):
        assert module.old == 1


def test_dir_and_help_know_the_legacy_names(module: ModuleType) -> None:
    deprecated_exports(module, {"old": (1, "new")})
    assert "old" in dir(module)


def test_a_reload_works(shim: Shim, monkeypatch: pytest.MonkeyPatch) -> None:
    application = shim()
    monkeypatch.syspath_prepend(str(application.folder))
    for name in [each for each in sys.modules if each == "app" or each.startswith("app.")]:
        monkeypatch.delitem(sys.modules, name)
    module = importlib.reload(importlib.import_module("app.database"))
    with pytest.warns(AlchemoveDeprecationWarning):
        assert module.engine == "the engine"
    for name in [each for each in sys.modules if each == "app" or each.startswith("app.")]:
        del sys.modules[name]


def test_the_same_line_is_shown_once_but_counted_every_time(module: ModuleType) -> None:
    deprecated_exports(module, {"old": (1, "new")})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(5):
            module.old  # noqa: B018
    assert len(caught) == 1
    assert list(ledger().uses().values()) == [5]
