"""Every case of ``fixtures/``, as it stands and in every way in which the same code can be written."""

from __future__ import annotations

import ast
import importlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from alchemove_codemods import rules as rules_package
from alchemove_codemods.engine import run
from alchemove_codemods.findings import Outcome
from alchemove_codemods.registry import Rule, handlers, reasons, rules
from tests.codemods.cases import MODELS, PATH, VARIANTS, Case, Written, everything
from tests.codemods.recording import observed

CASES = list(everything())


def known(case: Case) -> list[pytest.MarkDecorator]:
    """The mark of a case that shows a defect which is not mended yet."""
    return [pytest.mark.xfail(strict=True, reason=case.defect)] if case.defect else []


TWIN_VARIANTS = {"plain", "tabs", "sa-alias"}
WRITTEN = [
    pytest.param(case, written, id=f"{case.origin}/{case.name}/{name}", marks=known(case))
    for case in CASES
    for name, variant in VARIANTS.items()
    if name not in case.without and (case.changes or name in TWIN_VARIANTS) and (written := variant(case)) is not None
]
NEVER_GIVEN = {
    "too-complex": "given after a dozen rounds that do not settle: no program is known that needs so many",
}

SHOWN_ELSEWHERE = frozenset({"distinct-order", "optional-import"})
"""What is refused where a project allows SQLAlchemy 1.x only (``test_distinct_order``), or can do without it (``programs/optional_alchemy``)."""


def rewritten(case: Case, source: bytes) -> tuple[Outcome, bytes]:
    """The outcome for *source* as the only target, and what it becomes."""
    outcome = run("select", {**case.sources, PATH: source}, targets=[PATH])
    return outcome, outcome.changed.get(PATH, source)


@pytest.mark.parametrize(("case", "written"), WRITTEN)
def test_a_case_becomes_exactly_what_it_should(case: Case, written: Written) -> None:
    compile(written.before, PATH, "exec")
    outcome, result = rewritten(case, written.before)
    assert not outcome.problems
    if written.body is None:
        assert result == written.after, difference(written.after, result)
    else:
        assert result.endswith(written.body), difference(written.body, result)
        assert not missing_names(case, result)
    compile(result, PATH, "exec")
    expected = Counter(
        {(line + written.offset if line else 0, reason): n for (line, reason), n in case.refusals.items()}
    )
    assert refusals(outcome, expected) == expected


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{c.origin}/{c.name}") for c in CASES if c.changes])
def test_a_second_run_changes_nothing(case: Case) -> None:
    result = rewritten(
        case,
        VARIANTS["bare-imports"](case).before if VARIANTS["bare-imports"](case) else VARIANTS["plain"](case).before,
    )[1]  # type: ignore[union-attr]
    again, second = rewritten(case, result)
    assert second == result
    assert again.count("rewritten") == 0


def difference(expected: bytes, got: bytes) -> str:
    return f"\n--- expected\n{expected.decode('latin-1')}\n--- got\n{got.decode('latin-1')}"


def refusals(outcome: Outcome, expected: Counter[tuple[int, str]]) -> Counter[tuple[int, str]]:
    """The refused and skipped sites by line and reason; by reason only where a marker stands below the header of the case."""
    anywhere = {reason for line, reason in expected if not line}
    return Counter(
        (0 if (f.reason or f.status) in anywhere else f.line, f.reason or f.status)
        for f in outcome.findings
        if f.status != "rewritten"
    )


def missing_names(case: Case, result: bytes) -> set[str]:
    """Names that the full header of the case imports, which *result* reads and does not import."""
    tree = ast.parse(result)
    read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    imported = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
    offered = {
        a.asname or a.name for n in ast.parse(case.header).body if isinstance(n, ast.ImportFrom) for a in n.names
    }
    return (read & offered) - imported


RUNNING = [pytest.param(case, id=f"{case.origin}/{case.name}") for case in CASES if case.changes and case.runs]


@pytest.mark.parametrize("case", RUNNING)
def test_the_code_does_the_same_before_and_after(case: Case) -> None:
    models = importlib.import_module(models_of(case))
    before, after = (function_of(case, code) for code in (case.before, case.after))
    legacy, modern = observed(before, models.database), observed(after, models.database)
    if modern["sql"] != legacy["sql"]:
        modern["sql"] = observed(after, models.database, labelled=True)["sql"]
    assert modern == legacy


def models_of(case: Case) -> str:
    found = [
        n.module
        for n in ast.parse(case.header + "\n" + case.before).body
        if isinstance(n, ast.ImportFrom) and n.module and n.module.endswith("shop")
    ]
    return found[0]


def function_of(case: Case, code: str):
    """``run`` of the case as a function of a session."""
    namespace: dict[str, object] = {"__name__": "case"}
    source = f"{case.header}\n\n\n{code}"
    exec(compile(source, PATH, "exec", dont_inherit=True), namespace)
    function = namespace["run"]
    return function if function.__code__.co_argcount else lambda session: function()  # type: ignore[attr-defined]


REASONS = [reason for reason, (rule, _) in reasons().items() if reason != "internal-error" and rule.stage == "select"]
"""Every declared reason of the stage; the one for a defect of a rule has a test of its own."""


# completeness ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(r, marks=pytest.mark.xfail(strict=True, reason=NEVER_GIVEN[r])) if r in NEVER_GIVEN else r
        for r in REASONS
        if r not in SHOWN_ELSEWHERE
    ],
)
def test_every_reason_has_a_fixture(reason: str) -> None:
    assert any(reason == given for case in CASES for _, given in case.refusals)


def test_a_rule_that_goes_wrong_costs_only_what_is_tied_to_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = handlers("select")["Terminal", "all"]
    monkeypatch.setitem(handlers("select"), ("Terminal", "all"), replace(rule, function=lambda end: "(("))  # type: ignore[arg-type]
    code = "def users(session):\n    from shop import User\n    return session.query(User).{}()\n"
    sources = {**MODELS, "bad.py": code.format("all").encode(), "good.py": code.format("first").encode()}
    outcome = run("select", sources, targets=["bad.py", "good.py"])
    assert outcome.changed.keys() == {"good.py"}
    assert [(f.path, f.reason) for f in outcome.findings] == [("bad.py", "internal-error"), ("good.py", None)]


def test_fixtures_name_declared_reasons_only() -> None:
    assert {reason for case in CASES for _, reason in case.refusals} <= set(REASONS)


def test_every_rule_module_has_a_fixture_file() -> None:
    modules = {
        f"{p.parent.name}/{p.stem}"
        for p in Path(rules_package.__file__).parent.glob("*/*.py")
        if p.stem != "__init__" and p.parent.name in ("select", "removed")
    }
    assert modules <= {case.origin for case in CASES}


REFUSE_ONLY = {"query-flow", "unsupported-builder", "implicit-execution", "connection-methods"}
CREATIONS = {
    "session-query": "query",
    "model-query": "query",
    "query-constructor": "Query",
    "query-wrapper": "query",
    "dynamic-relationship": "posts",
}
SYNTAX = {"iteration", "query-item"}


@pytest.mark.parametrize(
    "rule", [r for r in rules().values() if r.stage == "select" and r.name not in REFUSE_ONLY], ids=lambda r: r.name
)
def test_every_method_of_a_rule_is_rewritten_in_its_fixture_file(rule: Rule) -> None:
    cases = [c for c in CASES if c.origin == "/".join(rule.function.__module__.split(".")[-2:])]
    assert any(c.changes for c in cases)
    names = {n for c in cases if c.changes for n in words(c.before)}
    # A construct that stands for itself has no method of its own to look for.
    methods = (
        {CREATIONS.get(rule.name, m.removesuffix(" itself")) for m in rule.on}
        if rule.name not in SYNTAX and rule.takes != "Gone"
        else set()
    )
    assert methods - names <= WITHOUT_FORM.get(rule.name, set())


WITHOUT_FORM = {
    "statement": {"is_single_entity", "selectable"},
    "subquery": {"alias"},
}


def words(code: str) -> set[str]:
    tree = ast.parse(code)
    return {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)} | {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name)
    }


@pytest.mark.parametrize("origin", sorted({c.origin for c in CASES}))
def test_every_fixture_file_has_a_twin_that_stays(origin: str) -> None:
    assert any(not c.changes for c in CASES if c.origin == origin)
