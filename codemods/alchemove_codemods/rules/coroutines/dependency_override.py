"""Tests that override `get_db` by a sync session override `get_session` with the same one.

`alchemove.session_override` gives the coroutines an AsyncSession that works on the very session of the tests, in their
transaction and with their objects, so that neither fixtures nor tests change.

    app.dependency_overrides[get_db] = override_get_db
    app.dependency_overrides[get_session] = session_override(override_get_db)

A dependency that has a sync version (`divided-dependency`) is overridden together with that.
Where endpoints that stay sync use `get_db`, too, or a test reads its override or keeps what `pop()` gives, that stays beside the new one. A mock, or an object of a class of
the tests, may be handed out in the place of a session as well: its methods are awaited in the names of those of AsyncSession, and each `commit()` stays one.
Where the override is made or removed in a way that has no counterpart, or the program calls SQLModel's `exec`, which a mock would
not see any more, everything that uses the dependency stays sync, with the reason `overridden-dependency`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial

from alchemove_codemods.colours.overrides import Override
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.rewrite.sync_versions import written
from alchemove_codemods.rules.coroutines.watching_dependency import provider_of

_NAME = "dependency-override"


@rule(
    _NAME,
    stage="async",
    reasons={
        "overridden-dependency": "tests replace this dependency (`dependency_overrides`) in a way that has no counterpart, by a call or "
        "by something that is no session where the program calls `exec`. Use a function that returns or yields a `Session`, "
        "or override `get_session` there",
    },
)
def dependency_override(file: File) -> None:
    """The overrides in *file* of dependencies that hand out sessions to coroutines."""
    colours = file.colours
    for override in colours.overrides.to_rewrite():
        if override.module is not file.module:
            continue
        concerned = [h for h, i in colours.injected.items() if i.provider is override.provider]
        asynchronous = [h in colours.asynchronous for h in concerned]
        if all(asynchronous) and asynchronous and override.provider not in colours.overrides.read:
            _replaced(file, override)
        elif any(asynchronous):
            _beside(file, override, provider_of(file, override.provider), partial(_made, file))
    for override in colours.overrides.found:
        if override.module is file.module and override.provider in colours.division.divided:
            version = written(file, override.provider, override.key)
            _beside(file, override, version, file.module.source.segment)


def _made(file: File, value: ast.expr) -> str:
    source = file.module.source
    return f"{file.imports.use('session_override', 'alchemove')}({source.segment(value)})"


def _replaced(file: File, override: Override) -> None:
    file.replace(override.key, provider_of(file, override.provider), _NAME)
    if override.value is not None:
        file.replace(override.value, _made(file, override.value), _NAME)


def _beside(file: File, override: Override, key: str, made: Callable[[ast.expr], str]) -> None:
    """Override *key* as well, by what is *made* of the value."""
    source, value = file.module.source, override.value
    if override.statement is None:
        if value is not None:
            text = f", {key}: {made(value)}"
            file.insert(source.end(value), text, _NAME)
        return
    start, end = source.start(override.statement), source.end(override.statement)
    line = source.starts[override.statement.lineno - 1]
    indent = source.text[line:start]
    if value is None and isinstance(override.statement, ast.Assign):
        # The variable that keeps what was there is no concern of the counterpart.
        start = source.start(override.statement.value)
    before, after = source.text[start : source.start(override.key)], source.text[source.end(override.key) : end]
    if value is not None:
        given = value
        if isinstance(value, ast.Call) and isinstance(override.statement, ast.Assign):
            given = override.statement.targets[0]
        between, rest = (
            source.text[source.end(override.key) : source.start(value)],
            source.text[source.end(value) : end],
        )
        after = f"{between}{made(given)}{rest}"
    separator = f"{source.newline}{indent}" if not indent.strip() else "; "
    file.insert(end, f"{separator}{before}{key}{after}", _NAME)
