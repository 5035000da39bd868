"""Code that nobody wrote: what is promised of every rewrite has to hold for it as well.

A longer run: ``ALCHEMOVE_FUZZ=5000 pytest tests/codemods/test_fuzz.py`` (examples for every test).
"""

from __future__ import annotations

import ast
import io
import os
import tokenize
from collections import Counter
from pathlib import Path

import hypothesmith
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from alchemove_codemods.engine import run
from tests.codemods.cases import MODELS, PATH
from tests.codemods.chains import Written, functions
from tests.codemods.recording import observed

EXAMPLES = int(os.environ.get("ALCHEMOVE_FUZZ", "0"))


def examples(number: int) -> settings:
    """*number* examples, or as many as the environment asks for; the same ones every time unless it does."""
    health = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    return settings(
        max_examples=EXAMPLES or number,
        deadline=None,
        derandomize=not EXAMPLES,
        database=None,
        suppress_health_check=health,
    )


def comments(code: str) -> Counter[str]:
    return Counter(t.string for t in tokenize.generate_tokens(io.StringIO(code).readline) if t.type == tokenize.COMMENT)


@examples(150)
@given(functions())
def test_generated_queries_do_the_same_before_and_after(written: Written) -> None:
    import shop  # in the folder of the fixtures

    before = written.code.encode()
    note(written.code)
    sources = {"shop.py": MODELS["shop.py"], PATH: before}
    outcome = run("select", sources, targets=[PATH])
    assert not outcome.problems
    assert outcome.findings, "a site was left silently"
    after = outcome.changed.get(PATH, before)
    note(after.decode())
    compile(after, PATH, "exec")
    assert not comments(before.decode()) - comments(after.decode())
    assert not run("select", {**sources, PATH: after}, targets=[PATH]).changed
    if after == before:
        assert all(f.status == "refused" for f in outcome.findings)
        return
    functions_ = [function(code) for code in (before, after)]
    legacy, modern = (observed(f, shop.database) for f in functions_)
    if modern["sql"] != legacy["sql"]:
        modern["sql"] = observed(functions_[1], shop.database, labelled=True)["sql"]
    assert modern == legacy


def function(code: bytes):
    namespace: dict[str, object] = {}
    exec(compile(code, PATH, "exec", dont_inherit=True), namespace)
    return namespace["run"]


SITE = "found = session.query(User).filter(User.id == 1).all()\n"
REWRITTEN = "found = session.scalars(select(User).where(User.id == 1)).all()\n"


@examples(12)
@given(hypothesmith.from_node())
def test_a_program_without_sqlalchemy_stays_byte_for_byte(code: str) -> None:
    assert not run("select", {PATH: code.encode("utf-8", "replace")}).changed


@examples(12)
@given(hypothesmith.from_node())
def test_a_site_below_any_program_is_all_that_changes(code: str) -> None:
    raw = code.encode("utf-8", "surrogatepass")
    try:
        ast.parse(raw)
        ast.parse(code + "\n" + SITE)
    except (SyntaxError, ValueError, UnicodeError):
        return
    before = code + ("" if code.endswith("\n") else "\n") + SITE
    outcome = run(
        "select", {"shop.py": MODELS["shop.py"], PATH: ("from shop import User\n" + before).encode()}, targets=[PATH]
    )
    assert not outcome.problems
    changed = outcome.changed.get(PATH)
    if changed is None:
        assert outcome.findings, "a site was left silently"
        return
    text = changed.decode()
    compile(text, PATH, "exec")
    assert before.removesuffix(SITE) in text
    again = run("select", {"shop.py": MODELS["shop.py"], PATH: changed}, targets=[PATH])
    assert not again.changed


LIBRARY = sorted(p for p in Path(os.__file__).parent.glob("*.py") if p.stat().st_size < 40_000)


@examples(25)
@given(st.sampled_from(LIBRARY))
def test_the_standard_library_stays_byte_for_byte(path: Path) -> None:
    raw = path.read_bytes()
    outcome = run("select", {path.name: raw})
    assert not outcome.changed
    assert not outcome.findings


@examples(25)
@given(st.sampled_from(LIBRARY), st.sampled_from(["\n", "\r\n"]))
def test_a_site_in_any_module_of_the_standard_library_is_all_that_changes(path: Path, newline: str) -> None:
    text = path.read_text(encoding="utf-8")
    code = f"{text}\n\ndef generated(session):\n    from shop import User\n    {SITE}"
    before = code.replace("\n", newline).encode()
    outcome = run("select", {"shop.py": MODELS["shop.py"], path.name: before}, targets=[path.name])
    result = outcome.changed[path.name].decode()
    lines, expected = result.split(newline), code.replace("\n", newline).split(newline)
    added = [line for line in lines if line not in expected]
    assert [line for line in expected if line not in lines] == ["    " + SITE.rstrip()]
    assert any("select" in line and "import" in line for line in added) or "select" in text
    assert any(".where(User.id == 1)).all()" in line for line in added)
    assert len(added) <= 3
    compile(result, path.name, "exec")


@examples(20)
@given(
    st.text(alphabet="abé日 \t{}'", max_size=12),
    st.sampled_from(["utf-8", "latin-1", "utf-8-sig"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_text_before_a_site_moves_nothing(text: str, encoding: str, newline: str) -> None:
    code = f"from shop import User\ndef run(session):\n    return {text!r}, session.query(User).all(), {text!r}  # {text}\n"
    if encoding == "latin-1":
        code = "# -*- coding: latin-1 -*-\n" + code
    assume(encoding != "latin-1" or "日" not in text)
    before = code.replace("\n", newline).encode(encoding)
    result = run("select", {"shop.py": MODELS["shop.py"], PATH: before}, targets=[PATH]).changed[PATH]
    expected = f"    return {text!r}, session.scalars(select(User)).all(), {text!r}  # {text}"
    assert expected in result.decode(encoding).split(newline)
