"""`[service] build`: the image of a commit, built by the Docker Engine unless it has been before.

To be imported late: it needs the extra `docker`.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

from perfgate.errors import UsageError
from perfgate.git import Git
from perfgate.service.commits.named_file import dockerfile_in, has_file
from perfgate.service.commits.side_tree import hash_of_files, side_tree
from perfgate.service.containers.engine import connect
from perfgate.service.containers.image_build import Recipe, build_image, has_image
from perfgate.service.containers.own_network import DEFAULT_NETWORK, refuse_apart
from perfgate.service.settings import LaunchContext
from perfgate.service.target import CommitTarget


def built_image(target: CommitTarget, checkout: Git, context: LaunchContext) -> str:
    """The name of the image that a commit's Dockerfile makes. What was built from the same files is not built again.

    UsageError where the commit has no such Dockerfile, TargetError with the last 50 lines where it cannot be built.
    """
    assert context.settings.build is not None
    commit = target.commit
    recipe = _recipe(target, checkout, context.settings.build)
    files = checkout.say(
        "rev-parse", f"{commit.treeish}:{'' if recipe.context == Path() else recipe.context.as_posix()}"
    )
    key = hashlib.sha256(f"{files} {recipe.dockerfile}{hash_of_files(checkout, context)}".encode()).hexdigest()[:16]
    name = f"perfgate-build:{key}"
    with closing(connect(context.environment)) as client:
        refuse_apart(client, DEFAULT_NETWORK)  # before the time that a build takes
        if has_image(client, target, name):
            return name
        context.say(f"{target.text}: building its image from {recipe.context / recipe.dockerfile}")
        with side_tree(target, checkout, context) as tree:
            in_tree = Recipe(tree.folder / recipe.context, recipe.dockerfile)
            build_image(client, target, name, in_tree, context.environment)
    return name


def _recipe(target: CommitTarget, checkout: Git, build: Path) -> Recipe:
    """A folder holds its Dockerfile; a Dockerfile that is named itself may copy from anywhere in the tree."""
    files = target.commit.treeish
    dockerfile = dockerfile_in(checkout, files, build)
    if not has_file(checkout, files, dockerfile):
        raise UsageError(
            f"{target.text}: {target.commit} has no {dockerfile}",
            "build under [service] in perfgate.toml names a Dockerfile of the repository, or the folder that holds one",
        )
    return Recipe(Path(), dockerfile.as_posix()) if dockerfile == build else Recipe(build, "Dockerfile")
