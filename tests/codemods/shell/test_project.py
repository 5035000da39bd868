from __future__ import annotations

import os
from pathlib import Path

import pytest

from alchemove_codemods import project
from tests.codemods.shell.conftest import Alchemove, Git, fill


def targets(*paths: Path) -> list[str]:
    return list(project.find(paths).targets)


def test_in_a_repository_tracked_and_new_files_are_found_and_ignored_ones_are_not(folder: Path, git: Git) -> None:
    fill(
        folder,
        {"a.py": "", "b/c.py": "", "b/new.py": "", "b/ignored.py": "", "data.txt": "", "b/.gitignore": "ignored.py"},
    )
    git("add", "a.py", "b/c.py")
    assert targets(folder) == ["a.py", "b/c.py", "b/new.py"]


def test_a_nested_gitignore_holds_for_its_folder_only(folder: Path, git: Git) -> None:
    fill(
        folder,
        {"one/.gitignore": "gen*.py\n!gen_kept.py", "one/gen_x.py": "", "one/gen_kept.py": "", "two/gen_x.py": ""},
    )
    assert targets(folder) == ["one/gen_kept.py", "two/gen_x.py"]


def test_a_folder_that_git_ignores_is_a_project_of_its_own_when_it_is_named(folder: Path, git: Git) -> None:
    fill(folder, {".gitignore": "build/", "app.py": "", "build/copy/app.py": "", "build/copy/pyproject.toml": ""})
    found = project.find([folder / "build/copy"])
    assert (found.root, found.files) == (folder / "build/copy", ("app.py",))


def test_such_a_folder_does_not_belong_to_the_project_around_it(folder: Path, git: Git) -> None:
    fill(folder, {".gitignore": "build/", "pyproject.toml": "", "app.py": "", "build/copy/app/__init__.py": ""})
    found = project.find([folder / "build/copy"])
    assert (found.root, found.files) == (folder / "build/copy", ("app/__init__.py",))
    assert project.find([folder / "build/copy/app"]).root == folder / "build/copy"


def test_virtual_environments_are_no_part_of_the_program_even_if_nobody_ignored_them(folder: Path, git: Git) -> None:
    fill(
        folder,
        {
            "app.py": "",
            "env/pyvenv.cfg": "",
            "env/lib/x.py": "",
            "node_modules/gyp/y.py": "",
            "p/site-packages/z.py": "",
        },
    )
    assert targets(folder) == ["app.py"]


def test_submodules_are_read_but_rewritten_only_from_inside(folder: Path, git: Git, tmp_path: Path) -> None:
    library = tmp_path / "library"
    fill(library, {"models.py": ""})
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        git(*command, at=library)
    fill(folder, {"app.py": ""})
    git("submodule", "--quiet", "add", str(library), "vendored/library")
    found = project.find([folder])
    assert found.files == ("app.py", "vendored/library/models.py")
    assert found.targets == ("app.py",)
    assert targets(folder / "vendored/library") == ["models.py"]


def test_another_repository_inside_the_tree_is_left_alone(folder: Path, git: Git) -> None:
    fill(folder, {"app.py": "", "other/their.py": ""})
    git("init", "-q", at=folder / "other")
    assert targets(folder) == ["app.py"]


def test_a_part_of_a_repository_is_rewritten_with_the_facts_of_all_of_it(
    folder: Path, git: Git, alchemove: Alchemove, engine
) -> None:
    fill(folder, {"app/a.py": "legacy = 1", "lib/b.py": "legacy = 1"})
    assert alchemove("rewrite", "lib", "--stage", "select", "--allow-dirty").status == 0
    sources, _, chosen = engine.calls[0]
    assert sorted(sources) == ["app/a.py", "lib/b.py"]
    assert list(chosen) == ["lib/b.py"]
    assert (folder / "app/a.py").read_text() == "legacy = 1"
    assert (folder / "lib/b.py").read_text() == "modern = 1"


def test_a_single_file_is_rewritten_with_the_facts_of_its_project(folder: Path) -> None:
    fill(folder, {"pyproject.toml": "", "app/a.py": "", "app/deep/b.py": "", "lib/c.py": ""})
    found = project.find([folder / "app/deep/b.py"])
    assert (found.root, len(found.files), found.targets) == (folder, 3, ("app/deep/b.py",))


def test_outside_git_a_package_is_named_from_the_folder_that_holds_it(folder: Path) -> None:
    fill(folder, {"app/__init__.py": "", "app/models.py": "", "other/x.py": ""})
    found = project.find([folder / "app"])
    assert (found.root, found.targets) == (folder, ("app/__init__.py", "app/models.py"))


def test_a_temporary_folder_is_no_project(folder: Path) -> None:
    folder.chmod(0o1777)
    fill(
        folder,
        {"pyproject.toml": "", "app/__init__.py": "", "x.py": "", "stranger/y.py": "", "one/a.py": "", "two/b.py": ""},
    )
    assert project.find([folder / "app"]).files == ("app/__init__.py",)
    assert project.find([folder / "x.py"]).files == ("x.py",)
    assert project.find([folder / "one"]).files == ("a.py",)
    with pytest.raises(project.NotUsable, match="run once for each"):
        project.find([folder / "one", folder / "two"])


def test_symbolic_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    fill(outside, {"x.py": ""})
    fill(folder, {"a.py": ""})
    (folder / "link.py").symlink_to(outside / "x.py")
    (folder / "linked").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    assert targets(folder) == ["a.py"]


def test_in_a_repository_symbolic_links_are_not_followed_either(
    folder: Path, git: Git, tmp_path: Path, alchemove: Alchemove
) -> None:
    fill(tmp_path, {"outside.py": "legacy = 1"})
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    fill(folder, {"a.py": "legacy = 1"})
    git("add", ".")
    git("commit", "-qm", "x")
    assert alchemove("rewrite", ".", "--stage", "select").status == 0
    assert (tmp_path / "outside.py").read_text() == "legacy = 1"
    assert (folder / "link.py").is_symlink()
    assert (folder / "a.py").read_text() == "modern = 1"


def test_several_paths_and_patterns_choose_what_is_rewritten(folder: Path, alchemove: Alchemove) -> None:
    fill(folder, {f"{name}.py": "legacy = 1" for name in ("a/x", "a/y", "a/tests/z", "b/x", "c/x")})
    fill(folder, {"setup.py": ""})
    assert alchemove("rewrite", "a", "b", "--stage", "select", "--exclude", "tests/", "--include", "x.py").status == 0
    changed = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.py") if "modern" in path.read_text())
    assert changed == ["a/x.py", "b/x.py"]


def test_patterns_are_relative_to_the_path_when_it_lies_elsewhere(
    folder: Path, tmp_path: Path, alchemove: Alchemove
) -> None:
    elsewhere = tmp_path / "elsewhere"
    fill(elsewhere, {"setup.py": "", "a/x.py": "legacy = 1", "b/x.py": "legacy = 1"})
    assert alchemove("rewrite", str(elsewhere), "--stage", "select", "--exclude", "/a/").status == 0
    assert (elsewhere / "a/x.py").read_text() == "legacy = 1"
    assert (elsewhere / "b/x.py").read_text() == "modern = 1"


def test_when_git_refuses_the_folder_is_walked_and_nothing_is_written_unasked(
    folder: Path, alchemove: Alchemove
) -> None:
    fill(folder, {"a.py": "legacy = 1", ".git/HEAD": "nonsense"})
    done = alchemove("rewrite", ".", "--stage", "select")
    assert done.status == 2
    assert "--allow-dirty" in done.err
    assert (folder / "a.py").read_text() == "legacy = 1"
    done = alchemove("rewrite", ".", "--stage", "select", "--allow-dirty")
    assert done.status == 0
    assert "are read instead" in done.err
    assert (folder / "a.py").read_text() == "modern = 1"


def test_file_names_that_are_no_text_work(folder: Path, git: Git, alchemove: Alchemove) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    (folder / name).write_text("legacy = 1")
    done = alchemove("rewrite", ".", "--stage", "select", "--allow-dirty")
    assert done.status == 0
    assert (folder / name).read_text() == "modern = 1"


def test_a_thousand_files_are_found_without_asking_git_for_each(folder: Path, git: Git) -> None:
    fill(folder, {f"p{number % 20}/m{number}.py": "" for number in range(1000)})
    assert len(targets(folder)) == 1000
