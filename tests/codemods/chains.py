"""Generated legacy code: query chains in many layouts and contexts, as functions ``run(session)``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

HEADER = """from sqlalchemy import func, literal_column, select, text
from sqlalchemy.orm import Session, contains_eager, defer, joinedload, lazyload, load_only, selectinload

from shop import Address, Parcel, Reader, User
"""

_INNER = '    inner = session.query(User.id.label("key"), User.settings).subquery()\n'
_STEPS = {
    "User": [
        ("filter", "User.age > 18"),
        ("filter", "User.name == 'ed', User.id < 4"),
        ("filter", "User.id.in_(session.query(Address.user_id).filter(Address.city == 'ny'))"),
        ("filter", "session.query(Address).filter(Address.user_id == User.id).exists()"),
        ("filter", "*[User.age > 1, User.id > 0]"),
        ("filter_by", "name='ed'"),
        ("filter_by", "id=1"),
        ("join", "User.addresses"),
        ("outerjoin", "User.addresses"),
        ("join", "Address, Address.user_id == User.id"),
        ("options", "joinedload(User.addresses)"),
        ("options", "selectinload(User.addresses), joinedload(User.addresses).joinedload(Address.parcels)"),
        ("options", "[selectinload(User.addresses)]"),
        ("order_by", "User.name, User.id"),
        ("order_by", "User.id.desc()"),
        ("order_by", "None"),
        ("order_by", "False"),
        ("group_by", "User.id"),
        ("with_entities", "User.id, User.age"),
        ("with_entities", "User"),
        ("add_columns", "User.nick"),
        ("having", "func.count(User.id) > 0"),
        ("filter", "User.addresses.any(Address.city == 'ny')"),
        ("filter", "User.age > session.query(func.min(User.age)).scalar_subquery()"),
        ("filter", "text('users.age > :age')"),
        ("params", "age=20"),
        ("union", "session.query(User).filter(User.id == 3)"),
        ("union_all", "session.query(User).filter(User.id < 3), session.query(User)"),
        ("join", "Address, User.addresses"),
        ("options", "[load_only(User.name)], lazyload(User.addresses)"),
        ("options", "defer(column) for column in (User.age, User.nick)"),
        ("options", "contains_eager(User.addresses)"),
        ("order_by", "text('users.id')"),
        ("order_by", "func.lower(User.name), User.id"),
        ("add_columns", "func.length(User.name)"),
        ("add_entity", "Address"),
        ("add_columns", "User.settings"),
        ("add_columns", "User.settings['b'].label('part')"),
        ("join", "inner, inner.c.key == User.id"),
        ("add_columns", "inner.c.settings"),
        ("add_columns", "inner"),
    ],
    "Address": [
        ("filter", "Address.city == 'ny'"),
        ("filter_by", "city='ny'"),
        ("join", "Address.user"),
        ("outerjoin", "Address.user"),
        ("join", "Address.parcels"),
        ("options", "joinedload(Address.user)"),
        ("options", "joinedload(Address.user).joinedload(User.addresses)"),
        ("order_by", "Address.id"),
        ("filter", "Address.user_id == User.id"),
        ("group_by", "Address.id"),
        ("with_entities", "Address.city"),
        ("with_entities", "Address.city, func.count(Address.id)"),
        ("filter", "Address.user.has(User.name == 'ed')"),
        ("options", "contains_eager(Address.user)"),
        ("join", "inner, inner.c.key == Address.user_id"),
        ("add_columns", "inner.c.settings"),
        ("filter_by", "user=None"),
        ("union", "session.query(Address).filter(Address.id == 4)"),
        ("options", "selectinload(Address.user).joinedload(User.addresses)"),
    ],
    "Reader": [("filter", "Reader.age > 18"), ("order_by", "Reader.id"), ("filter_by", "name='ed'")],
}
_ANYWHERE = [
    ("distinct", ""),
    ("execution_options", "x=1"),
    ("autoflush", "False"),
    ("prefix_with", "'DISTINCT'"),
    ("filter", "*[]"),
    ("filter", "True"),
    ("populate_existing", ""),
    ("enable_eagerloads", "False"),
    ("reset_joinpoint", ""),
    ("with_for_update", ""),
]
_LATE = [("limit", "2"), ("limit", "1"), ("offset", "1"), ("slice", "0, 3"), ("yield_per", "2")]
_BASES = [
    ("User", "session.query(User)"),
    ("User", "session.query(User)"),
    ("User", "session.query(User.id, User.name)"),
    ("User", "session.query(User.name)"),
    ("User", "session.query(User, User.age)"),
    ("User", "session.query(func.count(User.id))"),
    ("User", "session.query(func.max(User.age), func.min(User.age))"),
    ("User", "session.query(User.name.label('n'), User.age)"),
    ("User", "session.query(*[User.id, User.name])"),
    ("Address", "session.query(Address.city)"),
    ("Address", "session.query(Address)"),
    ("Address", "session.query(Address, User)"),
    ("Reader", "session.query(Reader)"),
]
_TERMINALS = [
    "all()",
    "all()",
    "first()",
    "one()",
    "one_or_none()",
    "count()",
    "scalar()",
    "get(1)",
    "[0]",
    "[:2]",
    "[1:3]",
    "distinct().count()",
    "limit(2).all()",
    "limit(1).one_or_none()",
    "exists().select()",
    "all()[0]",
]
_WRITING = [
    "delete()",
    "delete(synchronize_session=False)",
    "update({'nick': 'x'})",
    "update({User.age: User.age + 1}, synchronize_session='fetch')",
]


@dataclass(frozen=True, slots=True)
class Written:
    """A function in legacy form, and how many comments it holds."""

    code: str
    comments: int


class _Comments:
    """Comments that can all be told from each other."""

    def __init__(self, draw: Callable[..., bool]) -> None:
        self.number = 0
        self._draw = draw

    def maybe(self, indent: str = "  ", *, end: str = "") -> str:
        """A comment or nothing."""
        if not self._draw(st.booleans()):
            return ""
        self.number += 1
        return f"{indent}# comment {self.number}{end}"


@st.composite
def functions(draw: Callable[..., object]) -> Written:
    """A function ``run(session)`` with a query chain in it."""
    entity, base = draw(st.sampled_from(_BASES))  # type: ignore[misc]
    steps = draw(st.lists(st.sampled_from(_STEPS[entity] + _ANYWHERE), max_size=4))
    steps = [*steps, *draw(st.lists(st.sampled_from(_LATE), max_size=1))]  # type: ignore[misc, has-type]
    terminal = draw(st.sampled_from(_TERMINALS + (_WRITING if entity == "User" else [])))
    comments = _Comments(draw)  # type: ignore[arg-type]
    shape = draw(st.sampled_from(["expression", "expression", "variable", "helper", "iterated", "kept"]))
    match shape:
        case "variable":
            lines = [f"    query = {base}"]
            for index, (method, arguments) in enumerate(steps):
                guard = draw(st.sampled_from(["", "", "if session:", "for _ in range(1):"]))
                if guard:
                    lines.append(f"    {guard}")
                own = comments.maybe("    ", end="\n")
                lines.append(
                    f"{own}{'        ' if guard else '    '}query = query.{method}({arguments}){comments.maybe() if index % 2 else ''}"
                )
            code = (
                "def run(session: Session):\n" + "\n".join([*lines, f"    return {_called('query', terminal)}"]) + "\n"
            )
        case "helper":
            at = draw(st.integers(0, len(steps)))
            first, rest = steps[:at], steps[at:]  # type: ignore[misc]
            made = _line(base, first)
            code = f"def found(session: Session):\n    return {made}\n\n\ndef run(session: Session):\n    return {_called(_line('found(session)', rest), terminal)}\n"
        case "iterated":
            chain = _laid_out(draw, comments, base, steps, None)
            form = draw(
                st.sampled_from(
                    [
                        "[item for item in {}]",
                        "list({})",
                        "tuple({})",
                        "sorted(str(item) for item in {}) and 1",
                        "{{*{}}} and 1",
                        "[*{}]",
                        "list(item for item in {})",
                        "next(iter({}), None)",
                        "dict(enumerate({}))",
                        "[pair for pair in zip({}, 'ab')]",
                        "any(item is None for item in {})",
                    ]
                )
            )
            code = f"def run(session: Session):\n    return {form.format(chain)}\n"
        case "kept":
            chain = _laid_out(draw, comments, base, steps, None)
            form = draw(
                st.sampled_from(
                    ["(item for item in {})", "iter({})", "map(str, {})", "enumerate({})", "zip({}, 'abc')"]
                )
            )
            later = 'session.add(User(name="later"))'
            code = f"def run(session: Session):\n    kept = {form.format(chain)}\n    {later}\n    return len(list(kept))\n"
        case _:
            chain = _laid_out(draw, comments, base, steps, terminal)
            code = _placed(draw, chain)
    if "inner." in code or "(inner" in code:
        code = re.sub(r"^def \w+\(session: Session\):\n", rf"\g<0>{_INNER}", code, flags=re.MULTILINE)
    return Written(HEADER + "\n\n" + code, comments.number)


def _called(text: str, terminal: str) -> str:
    return text + ("" if terminal.startswith("[") else ".") + terminal


def _line(base: str, steps: list[tuple[str, str]]) -> str:
    return base + "".join(f".{method}({arguments})" for method, arguments in steps)


def _laid_out(
    draw: Callable[..., object], comments: _Comments, base: str, steps: list[tuple[str, str]], terminal: str | None
) -> str:
    """The chain as one expression."""
    calls = [f"{method}({arguments})" for method, arguments in steps]
    item = terminal if terminal is not None and terminal.startswith("[") else ""
    if terminal is not None and not item:
        calls.append(terminal)
    layout = draw(
        st.sampled_from(["line", "stacked", "closed", "dots", "backslashes", "arguments", "hanging", "spaced"])
    )
    match layout:
        case "stacked":
            lines = ["(", f"        {base}{comments.maybe()}"]
            for call in calls:
                own = comments.maybe("        ")
                lines += [own] if own else []
                lines.append(f"        .{call}{comments.maybe()}")
            return "\n".join([*lines, f"    ){item}"])
        case "closed" if len(calls) > 1:
            lines = [
                "(",
                f"        {base}{comments.maybe()}",
                *(f"        .{call}{comments.maybe()}" for call in calls[:-1]),
            ]
            return "\n".join([*lines, f"    ).{calls[-1]}{item}"])
        case "dots" if calls:
            lines = [f"({base}.{comments.maybe()}", *(f"        {call}.{comments.maybe()}" for call in calls[:-1])]
            return "\n".join([*lines, f"        {calls[-1]}){item}"])
        case "backslashes":
            return " \\\n".join([base, *(f"        .{call}" for call in calls)]) + item
        case "arguments":
            text = base
            for call in calls:
                method, _, arguments = call.removesuffix(")").partition("(")
                text += (
                    f".{method}(\n        {arguments}{comments.maybe()}\n    )"
                    if arguments and call.endswith(")")
                    else f".{call}"
                )
            return text + item
        case "hanging" if calls:
            return (
                "\n".join(
                    [
                        f"({base}{comments.maybe()}",
                        *(f"            .{call}{comments.maybe()}" for call in calls[:-1]),
                        *(f"            .{call}" for call in calls[-1:]),
                    ]
                )
                + f"){item}"
            )
        case "spaced":
            return base.replace(".", " . ", 1) + "".join(f" . {call}" for call in calls) + item
    return base + "".join(f".{call}" for call in calls) + item


def _placed(draw: Callable[..., object], chain: str) -> str:
    """A function with *chain* at some place in it."""
    places = [
        "    return {}\n",
        "    found = {}\n    return found\n",
        "    return (lambda: {})()\n",
        "    return [found for found in [{}]]\n",
        "    if (found := {}) is not None:\n        return found\n    return None\n",
        "    return {} if session else None\n",
        "    return None if not session else {}\n",
        "    def inner(found={}):\n        return found\n\n    return inner()\n",
        "    def keep(value):\n        return lambda function: value\n\n    @keep({})\n    def inner():\n        pass\n\n    return inner\n",
        "    return dict(found={})\n",
        "    return {{'found': {}}}\n",
        "    for _ in range(2):\n        found = {}\n    return found\n",
        "    try:\n        return {}\n    finally:\n        session.flush()\n",
        "    {}\n    return session.query(User.nick).order_by(User.id).all()\n",
        "    found = 1; found = {}; found = found\n    return found\n",
        "    return 'é', {}\n",
    ]
    if "\n" not in chain and "'" not in chain:
        places.append("    return f'{{type({}).__name__}} é'\n")
    if "\n" not in chain and '"' not in chain:
        places.append('    return f"{{type({}).__name__}} é"\n')
    place = draw(st.sampled_from(places))
    assert isinstance(place, str)
    return "def run(session: Session):\n" + place.format(chain)
