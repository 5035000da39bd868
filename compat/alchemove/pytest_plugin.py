"""The recorders as a pytest plugin, registered by the entry point ``pytest11``.

``--record-sql FILE``, ``--record-lazy-loads FILE``, ``--forbid-lazy-loads`` and ``--forbid-async-lazy-loads``. Without
one of them nothing is imported and nothing is done. What a fixture of a wider scope than one test sends belongs to the
fixture, not to the test that happens to come first or last. With pytest-xdist, what the workers recorded is put together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from alchemove.lazy_loads import Forbidden
    from alchemove.lazy_report import Recording
    from alchemove.sql_recording import SqlRecording

_NAME = "alchemove-recorders"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("alchemove", "what the tests send to the database")
    group.addoption("--record-sql", metavar="FILE", help="record the SQL of each test, for: alchemove verify")
    group.addoption("--record-lazy-loads", metavar="FILE", help="record lazy loads and what would avoid them")
    group.addoption("--forbid-lazy-loads", action="store_true", help="let every lazy load raise an error")
    group.addoption(
        "--forbid-async-lazy-loads",
        action="store_true",
        help="let every lazy load of an AsyncSession raise an error, in run_sync, too; sync sessions may load lazily",
    )
    group.addoption(
        "--allow-lazy-load",
        metavar="CLASS.ATTRIBUTE",
        action="append",
        default=[],
        help="an attribute that may all the same",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start what was asked for."""
    sql, lazy = config.getoption("--record-sql"), config.getoption("--record-lazy-loads")
    if sql or lazy or config.getoption("--forbid-lazy-loads") or config.getoption("--forbid-async-lazy-loads"):
        config.pluginmanager.register(Recorders(config, sql, lazy), _NAME)


class Recorders:
    """The recorders of one pytest process."""

    def __init__(self, config: pytest.Config, sql: str | None, lazy: str | None) -> None:
        self._config = config
        self._is_worker = hasattr(config, "workerinput")
        self._folder = config.invocation_params.dir
        self._sql_file, self._lazy_file = sql, lazy
        self._sql: SqlRecording | None = None
        self._lazy: Recording | None = None
        self._forbidden: Forbidden | None = None
        self._test = ""
        if sql:
            from alchemove.sql_recording import SqlRecording

            self._sql = SqlRecording(config.rootpath)
            self._sql.start()
        if lazy:
            from alchemove.lazy_report import Recording

            self._lazy = Recording()
            self._lazy.start()
        everywhere = config.getoption("--forbid-lazy-loads")
        if everywhere or config.getoption("--forbid-async-lazy-loads"):
            from alchemove.lazy_loads import forbid

            self._forbidden = forbid(allow=config.getoption("--allow-lazy-load") or (), only_async=not everywhere)

    def _enter(self, name: str) -> None:
        from alchemove.recording_file import OUTSIDE

        if self._sql is not None:
            self._sql.section(name or OUTSIDE, even_if_empty=bool(name) and name == self._test)
        if self._lazy is not None:
            self._lazy.test = name

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """What follows belongs to this test."""
        self._test = item.nodeid
        self._enter(self._test)
        try:
            return (yield)
        finally:
            self._test = ""
            self._enter("")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        """What a fixture for several tests sends belongs to the fixture, at its end too."""
        if fixturedef.scope == "function":
            return (yield)
        name = f"{request.node.nodeid or '.'} (fixture {fixturedef.argname}, {fixturedef.scope})"
        self._enter(name)
        try:
            return (yield)
        finally:
            self._enter(self._test)
            # Finalizers run in reverse: this one, the last to be added, before the fixture's own.
            fixturedef.addfinalizer(lambda: self._enter(name))

    def pytest_fixture_post_finalizer(self, fixturedef: Any) -> None:
        """The fixture has ended: what follows belongs to the test again."""
        if fixturedef.scope != "function":
            self._enter(self._test)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """How a test ended; also of one whose worker crashed, of which nothing else is known."""
        if self._sql is None:
            return
        if report.when == "setup":
            # A test that is run again after it failed.
            self._sql.outcome(report.nodeid, None)
        if outcome := _outcome(report):
            self._sql.outcome(report.nodeid, outcome)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected has no tests, which would look like a file without tests."""
        if self._sql is not None and report.failed:
            self._sql.outcome(report.nodeid or ".", "error")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write the recordings, or hand them to the process that does."""
        if self._forbidden is not None:
            self._forbidden.allow()
        if self._sql is not None:
            self._sql.stop()
            if self._is_worker:
                self._output["alchemove_sql"] = json.dumps(self._sql.document())
            elif self._sql_file:
                self._sql.write(self._folder / self._sql_file)
        if self._lazy is not None:
            self._lazy.stop()
            if self._is_worker:
                self._output["alchemove_lazy_loads"] = json.dumps(self._lazy.document(self._config.rootpath))
            elif self._lazy_file:
                self._lazy.write(self._folder / self._lazy_file, self._config.rootpath)

    @property
    def _output(self) -> dict[str, Any]:
        output: dict[str, Any] = getattr(self._config, "workeroutput")  # noqa: B009
        return output

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of pytest-xdist has ended; one that crashed has recorded nothing."""
        output = getattr(node, "workeroutput", {})
        if self._sql is not None and "alchemove_sql" in output:
            self._sql.merge(json.loads(output["alchemove_sql"]))
        if self._lazy is not None and "alchemove_lazy_loads" in output:
            self._lazy.merge(json.loads(output["alchemove_lazy_loads"]))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the recordings are, and what the lazy loads call for."""
        if self._sql is not None:
            document = self._sql.document()
            entries = [entry for section in document["sections"].values() for entry in section["entries"]]
            count = sum("sql" in entry for entry in entries)
            terminalreporter.section("SQL recorded by alchemove")
            terminalreporter.write_line(f"{count} statements in {len(document['sections'])} sections: {self._sql_file}")
        if self._lazy is not None:
            terminalreporter.section("lazy loads recorded by alchemove")
            terminalreporter.write(self._lazy.report())
            terminalreporter.write_line(f"written to {self._lazy_file}")


def _outcome(report: pytest.TestReport) -> str | None:
    expected = hasattr(report, "wasxfail")
    match report.outcome:
        case "passed":
            return "xpassed" if expected else "passed"
        case "skipped":
            return "xfailed" if expected else "skipped"
        case "failed":
            return "error" if report.when in {"setup", "teardown"} else "failed"
        case _:
            # Of plugins, such as "rerun".
            return None
