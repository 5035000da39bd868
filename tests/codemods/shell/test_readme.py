from __future__ import annotations

import re
import sys
from pathlib import Path

from alchemove_codemods import cli, config
from alchemove_codemods.stages import STAGES
from tests.codemods.shell.conftest import fill

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[3]

PROGRAM = """\
from sqlalchemy import Column, DateTime, ForeignKey, Integer
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)


class Attachment(Base):
    __tablename__ = "attachments"
    id = Column(Integer, primary_key=True)
    message_id = Column(ForeignKey("messages.id"))


class Message(Base):
    __tablename__ = "messages"
    id = Column(Integer, primary_key=True)
    recipient_id = Column(ForeignKey("users.id"))
    read_at = Column(DateTime)
    attachments = relationship(Attachment)


"""


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def test_what_the_readme_shows_is_what_the_tool_does(folder: Path) -> None:
    before, after = blocks("README.md", "python")
    fill(folder, {"inbox.py": PROGRAM + before})
    assert cli.main(["rewrite", ".", "--stage", "select"]) == 0
    assert (folder / "inbox.py").read_text().endswith(after)


def test_the_documented_configuration_is_accepted(folder: Path) -> None:
    (documented,) = blocks("docs/command-line.md", "toml")
    fill(folder, {"pyproject.toml": documented})
    loaded = config.load(folder / "pyproject.toml")
    assert (loaded.session_names, loaded.strict) == (("ctx.db",), False)


def test_every_key_of_the_configuration_is_documented() -> None:
    (documented,) = blocks("docs/command-line.md", "toml")
    table = tomllib.loads(documented)["tool"]["alchemove"]
    stages = {name: set(stage.options) for name, stage in STAGES.items() if stage.options}
    assert {name: set(table.pop(name)) for name in stages} == stages
    assert set(table) == {*config._LISTS, "line_length", "strict"}


def test_links_of_the_documentation_lead_somewhere() -> None:
    for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
