"""What of a changed file is looked at again: the statements that edits touch, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from alchemove_codemods.rewrite.comments import lost_comments
from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.rewrite.pieces import check, touched
from alchemove_codemods.source import Source

Edit = Callable[..., Edits]


@pytest.fixture
def edit() -> Edit:
    def edited(text: str, *changes: tuple[str, str]) -> Edits:
        edits = Edits(Source("a.py", text.encode()))
        for old, new in changes:
            start = text.index(old)
            edits.add(start, start + len(old), partial(str, new))
        return edits

    return edited


def _pieces(edits: Edits) -> list[str]:
    return [edits.source.text[start:end] for start, end in touched(edits)]


def test_a_function_is_touched_as_a_whole_with_its_decorators_and_its_lines(edit: Edit) -> None:
    edits = edit("a = 1\n\n@old\ndef f(): pass  # why\n\nb = 2\n", ("old", "new"))

    assert _pieces(edits) == ["@old\ndef f(): pass  # why\n"]


def test_where_statements_share_a_line_of_the_module_all_of_it_is_touched(edit: Edit) -> None:
    assert _pieces(edit("a = old; b = [\n1]; c = 2\nd = 3\n", ("old", "new"))) == ["a = old; b = [\n1]; c = 2\nd = 3\n"]


def test_edits_of_one_statement_are_one_piece(edit: Edit) -> None:
    assert _pieces(edit("a = [\n    b,\n    c,\n]\n", ("b", "x"), ("c", "y"))) == ["a = [\n    b,\n    c,\n]\n"]


@pytest.mark.parametrize(
    "text",
    [
        "if a:\n    pass\nelse:\n{}    pass\n",
        "for a in b:\n    pass\nelse:\n{}",
        "try:\n    pass\nexcept E:\n{}finally:\n    pass\n",
        "try:\n    pass\nfinally:\n{}",
        "match a:\n  case 1:\n{}",
        "class A:\n  def f(self):\n{}",
    ],
)
def test_the_smallest_statement_that_has_its_lines_for_itself_is_touched(edit: Edit, text: str) -> None:
    assert _pieces(edit(text.format("    old = (\n\n    1)\n"), ("old", "new"))) == ["    old = (\n\n    1)\n"]


@pytest.mark.parametrize("text", ["if a: old\n", "if a:\n    b\nelif old:\n    c\n", "if a:\n    b; old\n"])
def test_what_has_no_lines_of_its_own_is_touched_with_what_is_around_it(edit: Edit, text: str) -> None:
    assert _pieces(edit(f"d = 1\n{text}e = 2\n", ("old", "new"))) == [text]


def test_an_edit_over_two_statements_touches_what_they_are_in(edit: Edit) -> None:
    assert _pieces(edit("d = 1\nif c:\n    a = 1\n    b = 2\n", ("1\n    b", "4\n    b"))) == [
        "if c:\n    a = 1\n    b = 2\n"
    ]
    assert _pieces(edit("a = 1\nb = 2\nc = 3\n", ("1\nb", "4\nb"))) == ["a = 1\nb = 2\nc = 3\n"]


def test_what_stands_between_statements_is_a_piece_of_its_own(edit: Edit) -> None:
    assert _pieces(edit("a = 1\n# old\n\nb = 2", ("# old", "import c"))) == ["# old\n"]


def test_a_file_without_statements_has_pieces_too(edit: Edit) -> None:
    assert _pieces(edit("# old", ("# old", "import c"))) == ["# old"]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("a = old\nb = 1\n", "old", "new("),
        ("a = old\nb = 1\n", "old", "new \\"),
        ("def f():\n    old\n", "    old", "new"),
        ("a = 1\n# old\nb = 2\n", "# old", "  c = 1"),
        ("a = 'old'\nb = 1\n", "old", "it's"),
        ("if a:\n    old\n    b\n", "old", "new\n  c"),
        ("if a:\n    b\n    old\n", "    old", "      new"),
        ("if a:\n    b\n    old\n", "    old", "\tnew"),
        ("if a:\n    old\nb\n", "old", ""),
        ("def f():\n    old\nb\n", "old", "new\nelse:\n    c"),
    ],
)
def test_what_is_no_python_any_more_is_an_error(edit: Edit, text: str, old: str, new: str) -> None:
    edits = edit(text, (old, new))

    with pytest.raises(SyntaxError):
        check(edits, edits.apply())


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("a = old\nb = 1\n", "old", "(\n    new\n)"),
        ("def f():\n    return old\n", "old", "await new"),
        ("a = (old +\r\n  '''\r\n''')\r\n", "old", "new"),
        ("a = 1 + \\\n    old\n", "old", "new"),
        ("if a:\n    return old\nb\n", "old", "(\nnew)"),
        ("if a:\n    old\nb\n", "    old", "  new"),
        ("if a:\n    old\nb\n", "old", "new\nelse:\n    c"),
    ],
)
def test_what_is_still_python_is_none(edit: Edit, text: str, old: str, new: str) -> None:
    edits = edit(text, (old, new))

    check(edits, edits.apply())


def test_a_comment_that_an_edit_drops_is_found_and_one_that_it_keeps_is_not(edit: Edit) -> None:
    text = "a = 1  # same\n\ndef f():\n    return (\n        old  # lost\n        .it()  # kept\n    )\n"
    edits = edit(text, ("old  # lost\n        .it()  # kept", "new()  # kept"))

    assert lost_comments(edits) == [(text.index("    return"), "# lost")]


def test_a_comment_that_moves_to_another_place_of_its_statement_is_not_lost(edit: Edit) -> None:
    edits = edit("a = [\n    old  # why\n]\n", ("old  # why", "# why\n    new"))

    assert lost_comments(edits) == []
