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


def test_a_statement_is_touched_as_a_whole_with_its_decorators_and_its_lines(edit: Edit) -> None:
    edits = edit("a = 1\n\n@wrapped\ndef f():\n    return old  # why\n\nb = 2\n", ("old", "new"))

    assert _pieces(edits) == ["@wrapped\ndef f():\n    return old  # why\n"]


def test_statements_on_one_line_are_one_piece(edit: Edit) -> None:
    assert _pieces(edit("a = old; b = [\n1]; c = 2\nd = 3\n", ("old", "new"))) == ["a = old; b = [\n1]; c = 2\n"]


def test_edits_of_one_statement_are_one_piece(edit: Edit) -> None:
    assert _pieces(edit("if a:\n    b\n    c\n", ("b", "x"), ("c", "y"))) == ["if a:\n    b\n    c\n"]


def test_an_edit_over_two_statements_makes_one_piece_of_them(edit: Edit) -> None:
    assert _pieces(edit("a = 1\nb = 2\nc = 3\n", ("1\nb", "4\nb"))) == ["a = 1\nb = 2\n"]


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
