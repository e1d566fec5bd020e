"""The environment variables that other people's commands are started with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from perfgate.git import OF_ONE_REPOSITORY
from perfgate.service.processes.owned_processes import MARK
from perfgate.service.settings import LaunchContext
from perfgate.tokens import without_tokens

# What CI services call the checkout: GitHub, Gitea and Forgejo; GitLab; Jenkins; Azure; Bitbucket; Buildkite; CircleCI;
# Drone; Woodpecker; Travis.
_WORKSPACES = (
    *("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE", "BUILD_SOURCESDIRECTORY", "BITBUCKET_CLONE_DIR"),
    *("BUILDKITE_BUILD_CHECKOUT_PATH", "CIRCLE_WORKING_DIRECTORY", "DRONE_WORKSPACE", "CI_WORKSPACE"),
    "TRAVIS_BUILD_DIR",
)
# Lists of folders that programs and their modules are looked for in.
_SEARCHED = ("PATH", "PYTHONPATH", "NODE_PATH", "RUBYLIB", "PERL5LIB", "CLASSPATH")


def inherited_in(tree: Path, context: LaunchContext) -> dict[str, str]:
    """The variables that a command in a side's tree inherits: those that lead to the checkout lead to the tree.

    With the checkout's own files both sides would do the same.
    """
    inherited = dict(context.environment)
    if context.checkout is None:
        return inherited
    checkout, tree = Path(os.path.realpath(context.checkout)), tree.absolute()
    for name in _WORKSPACES:
        if inherited.get(name) and Path(os.path.realpath(inherited[name])) == checkout:
            inherited[name] = str(tree)
    for name in _SEARCHED:
        if inherited.get(name):
            places = inherited[name].split(os.pathsep)
            inherited[name] = os.pathsep.join(_in_tree(place, checkout, tree) for place in places)
    return inherited


def _in_tree(place: str, checkout: Path, tree: Path) -> str:
    """The tree's own of a place in the checkout, where it has one; what git ignores it has not."""
    real = Path(os.path.realpath(place))
    if not os.path.isabs(place) or not real.is_relative_to(checkout):
        return place
    own = tree / real.relative_to(checkout)
    return str(own) if own.exists() else place


def variables_for(inherited: Mapping[str, str], own: Mapping[str, str], mark: str) -> dict[str, str]:
    """`inherited` without tokens and what concerns one repository, with `own` ones, and the mark of their owner."""
    kept = {name: text for name, text in without_tokens(inherited).items() if name not in OF_ONE_REPOSITORY}
    return {**kept, **own, MARK: mark}
