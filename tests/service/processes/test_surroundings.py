"""The environment variables that other people's commands are started with."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfgate.service.processes.surroundings import inherited_in
from perfgate.service.settings import LaunchContext


@pytest.mark.parametrize("name", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE", "BUILD_SOURCESDIRECTORY"])
def test_what_a_ci_job_calls_the_checkout_is_the_sides_tree(tmp_path: Path, name: str) -> None:
    checkout, tree = tmp_path / "checkout", tmp_path / "tree"
    checkout.mkdir()
    (tmp_path / "link").symlink_to(checkout)
    for text in (f"{checkout}", f"{checkout}/", f"{tmp_path}/link"):
        context = LaunchContext(environment={name: text, "HOME": f"{checkout}"}, checkout=checkout)
        assert inherited_in(tree, context) == {name: f"{tree}", "HOME": f"{checkout}"}


def test_what_a_ci_job_calls_something_else_stays(tmp_path: Path) -> None:
    variables = {"GITHUB_WORKSPACE": f"{tmp_path}", "WORKSPACE": "", "CI_PROJECT_DIR": "relative"}
    assert (
        inherited_in(tmp_path / "tree", LaunchContext(environment=variables, checkout=tmp_path / "shop")) == variables
    )
    assert inherited_in(tmp_path / "tree", LaunchContext(environment=variables)) == variables


def test_folders_that_modules_are_looked_for_in_are_those_of_the_tree_where_it_has_them(tmp_path: Path) -> None:
    checkout, tree = tmp_path / "checkout", tmp_path / "tree"
    for folder in (checkout / "src", checkout / ".venv/bin", tree / "src"):
        folder.mkdir(parents=True)
    variables = {"PYTHONPATH": f"{checkout}:{checkout}/src:lib:", "PATH": f"{checkout}/.venv/bin:{tmp_path}:/bin"}
    found = inherited_in(tree, LaunchContext(environment=variables, checkout=checkout))
    assert found == {**variables, "PYTHONPATH": f"{tree}:{tree}/src:lib:"}
