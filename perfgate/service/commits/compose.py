"""`[service] compose`: the stack of a commit's compose file, one project for each instance.

To be imported late: it needs the extra `docker`.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from perfgate.git import Git
from perfgate.popen import interrupts_held
from perfgate.service.commits.side_tree import hash_of_files, side_tree
from perfgate.service.commits.worktree import Worktree
from perfgate.service.containers.compose.instance import ComposeInstance
from perfgate.service.containers.compose.launch import ComposeLaunch
from perfgate.service.containers.compose.recipe import ComposeRecipe, ComposeSource, read_recipe
from perfgate.service.containers.engine import connect
from perfgate.service.containers.own_network import refuse_apart
from perfgate.service.containers.sweep import sweep
from perfgate.service.dependencies.ground import Ground
from perfgate.service.dependencies.stack import open_stack_on
from perfgate.service.own_service import OwnService
from perfgate.service.processes.owned_processes import end_owned_by
from perfgate.service.processes.surroundings import inherited_in, variables_for
from perfgate.service.settings import LaunchContext
from perfgate.service.target import CommitTarget

_VARIABLES = ".env"


def open_compose(target: CommitTarget, checkout: Git, context: LaunchContext) -> OwnService:
    """The service of a commit's compose file, ready for load, with all that it needs beside it.

    UsageError where the file is missing, has a mistake, or has what cannot stand beside itself; TargetError where an
    image cannot be had, or a service does not become ready. Then nothing of it is left.
    """
    side = _Side(target, checkout, replace(context, say=_once(context.say)))
    return open_stack_on(side.ground, side.context, side.start, side.clear)


class _Side:
    """One side of a measurement: its tree and recipe, which all its instances are started from.

    context: of the launch.
    """

    def __init__(self, target: CommitTarget, checkout: Git, context: LaunchContext) -> None:
        self._target = target
        self._checkout = checkout
        self.context = context
        self._launch: ComposeLaunch | None = None
        self._client = connect(context.environment)
        self._tree: Worktree | None = None
        self._source: ComposeSource | None = None
        self._recipe: ComposeRecipe | None = None
        self._used = False  # whether services may have written into the tree

    def ground(self) -> Ground:
        """What one more instance stands on: a project of its own, of which there is nothing yet."""
        self._end_launch()
        sweep(self._client)
        refuse_apart(self._client, None)
        source, recipe = self._prepared()
        assert self._tree is not None
        self._launch = launch = ComposeLaunch(self._client, self._target, source, recipe)
        return Ground(
            shown=self._target.text,
            folder=source.folder,
            sha=self._target.commit.sha,
            mark=self._tree.mark,
            in_container=True,
            port=lambda: recipe.port,
            start_beside=launch.start_needed,
        )

    def start(self, context: LaunchContext) -> ComposeInstance:
        """The service of the project that stands on the last ground."""
        assert self._launch is not None
        return self._launch.start_service(context)

    def clear(self) -> None:
        """Remove all that is left, whatever moment an interrupt came at."""
        self._end_launch()
        self._drop_tree()
        self._client.close()

    def _end_launch(self) -> None:
        if self._launch is not None:
            self._launch.remove()
            self._used |= self._launch.writes_tree
            self._launch = None

    def _prepared(self) -> tuple[ComposeSource, ComposeRecipe]:
        """The source and the recipe, in a fresh tree where services may have written into the one before."""
        if self._used:
            self._drop_tree()
        if self._tree is None:
            self._tree = side_tree(self._target, self._checkout, self.context)
        if self._source is None or self._recipe is None:
            self._source = self._source_in(self._tree)
            self._recipe = read_recipe(self._client, self._source, self.context)
        return self._source, self._recipe

    def _drop_tree(self) -> None:
        with interrupts_held():
            if self._tree is not None:
                end_owned_by(self._tree.mark)
                self._tree.remove()
            self._tree = self._source = self._recipe = None
            self._used = False

    def _source_in(self, tree: Worktree) -> ComposeSource:
        commit, file = self._target.commit, self.context.settings.compose
        assert file is not None
        files = self._checkout.say("rev-parse", f"{commit.treeish}^{{tree}}")
        files += hash_of_files(self._checkout, self.context) + self._copy_variables(tree, file)
        return ComposeSource(
            shown=self._target.text,
            commit=str(commit),
            folder=tree.folder,
            file=file,
            files=files,
            environment=variables_for(inherited_in(tree.folder, self.context), {}, tree.mark),
            scratch=tree.folder.parent,
        )

    def _copy_variables(self, tree: Worktree, file: Path) -> str:
        """Take the file of variables beside the compose file, which git seldom keeps, out of the checkout; its hash."""
        place = file.parent / _VARIABLES
        own, copy = self._checkout.folder / place, tree.folder / place
        if copy.exists() or not own.is_file() or not copy.parent.is_dir():
            return ""
        self.context.say(f"{self._target.text} has no {place}: that of the checkout is taken")
        shutil.copyfile(own, copy)
        return hashlib.sha256(copy.read_bytes()).hexdigest()


def _once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Says each line once: every instance has the same to say."""
    said: set[str] = set()

    def say_new(line: str) -> None:
        if line not in said:
            said.add(line)
            say(line)

    return say_new
