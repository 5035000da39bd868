from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from alchemove_codemods import docs, explain, registry
from alchemove_codemods.registry import Rule
from alchemove_codemods.stages import SHIM, STAGES
from tests.codemods.shell.conftest import Alchemove

ROOT = Path(__file__).parents[3]


@pytest.fixture
def two_rules(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Rule]:
    def render() -> None:
        """Do nothing: what a rule does is not what these tests are about."""

    declared = {
        "query-chain": Rule(
            "query-chain",
            "select",
            {"not-sure": "Nobody\n    knows."},
            "A chain of calls.\n\n# When\n\nAlways.",
            render,
        ),
        "query-get": Rule("query-get", "select", {}, "A lookup.", render),
    }
    for module in (explain, docs):
        monkeypatch.setattr(module, "rules", lambda: declared)
    monkeypatch.setattr(explain, "reasons", lambda: {"not-sure": (declared["query-chain"], "Nobody\n    knows.")})
    return declared


def test_a_rule_is_explained_with_its_manual_and_its_reasons(two_rules: object, alchemove: Alchemove) -> None:
    assert alchemove("explain", "query-chain").out == (
        "# query-chain (stage select)\n\nA chain of calls.\n\n# When\n\nAlways.\n\n## Refuses\n\n- `not-sure`: Nobody knows.\n"
    )


def test_a_reason_is_explained_with_the_rules_that_have_it(two_rules: object, alchemove: Alchemove) -> None:
    assert alchemove("explain", "not-sure").out == "# not-sure\n\nNobody knows.\n\nA reason of `query-chain`.\n"
    assert "# alchemove: skip" in alchemove("explain", "skip-comment").out


def test_an_unknown_name_suggests_near_ones(two_rules: object, alchemove: Alchemove) -> None:
    done = alchemove("explain", "query-chian")
    assert done.status == 2
    assert "did you mean query-chain" in done.err
    assert "explain --list" in alchemove("explain", "zzz").err


def test_the_list_has_every_rule_and_reason(two_rules: object, alchemove: Alchemove) -> None:
    listed = alchemove("explain", "--list").out
    assert "- `query-chain` (stage select)\n  - `not-sure`\n- `query-get`" in listed
    assert alchemove("explain").out == listed


def test_the_documentation_has_every_rule_with_its_reasons(two_rules: object) -> None:
    page = docs.page("rules.md")
    assert "### query-chain\n\nA chain of calls.\n\n#### When\n" in page
    assert "Refuses:\n\n- `not-sure`: Nobody knows.\n" in page


@pytest.mark.parametrize("name", docs.PAGES)
def test_the_documentation_in_the_repository_is_current(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == docs.page(name), "run `make docs`"


def test_a_page_is_written_where_it_is_not_current(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert docs.main(str(tmp_path), check=True) == 1
    assert "modules.md is not current: make docs" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
    assert docs.main(str(tmp_path), check=False) == docs.main(str(tmp_path), check=True) == 0
    assert "- **late_globals**: Globals that functions give" in (tmp_path / "modules.md").read_text()


def test_every_rule_and_every_reason_can_be_explained() -> None:
    for name in (*registry.rules(), *registry.reasons()):
        assert len(explain.manual(name).strip().splitlines()) > 1, f"{name} has no text"


def test_every_rule_belongs_to_a_stage_that_can_be_run() -> None:
    assert {rule.stage for rule in registry.rules().values()} <= {*STAGES, SHIM.name}
