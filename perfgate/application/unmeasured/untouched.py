"""Whether a pull request, or a group of a merge queue, changes anything that `paths` of perfgate.toml names."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from perfgate.application.bench.provenance import Provenance, read_provenance, versions
from perfgate.application.gate_targets import base_commit
from perfgate.config.values import DEFAULT_FILE
from perfgate.git import Git, GitError, checkout_of
from perfgate.history.ids import new_run_id
from perfgate.machine.testbed import read_testbed
from perfgate.metrics.run import RunRecord
from perfgate.verdict.untouched import untouched

if TYPE_CHECKING:
    from perfgate.application.context import Context
    from perfgate.application.plan import LoadOptions
    from perfgate.config.values import Config
    from perfgate.github.event import Event
    from perfgate.verdict import Verdict

# Whatever the user's settings say of renames and programs: a file that moves away is a change of where it was.
_NAMES = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=none")
_ANY = ("diff", "--quiet", *_NAMES[2:])


def untouched_verdict(context: Context, config: Config, options: LoadOptions, event: Event | None) -> Verdict | None:
    """A pass where the change that `event` is about touches nothing of `paths`; None where it does, or nobody can tell.

    The configuration and the scenarios count as well, whatever `paths` says.
    """
    if not config.paths or event is None:
        return None
    base = base_commit(context, event)
    provenance = read_provenance(context)
    if not base or not provenance.here.commit:
        return None
    try:
        # What landed on the base branch since counts as part of the change where git cannot tell.
        commits = (base, provenance.merge or provenance.here.commit)
        top = checkout_of(context.folder, context.environment)
        if _touches(context, config, options, top, commits):
            return None
        pattern = next(_of_no_file(config, top, commits), None)
        if pattern is not None:
            context.say(f"{pattern!r} of paths names no file of base or head, so the change is measured: mend it.")
            return None
    except GitError as error:
        context.say(f"Nobody can tell whether this change touches its paths, so it is measured: {error.message}")
        return None
    return untouched(_record(context, config, provenance), config.paths)


def _of_no_file(config: Config, top: Git, commits: tuple[str, str]) -> Iterator[str]:
    """The patterns that no change can touch, as after a folder was renamed: all of them would be green unmeasured."""
    nothing = top.say("hash-object", "-t", "tree", os.devnull)
    excluded = [_pathspec(pattern) for pattern in config.paths if pattern.startswith("!")]
    for pattern in config.paths:
        if pattern.startswith("!"):
            continue
        # With --quiet git fails where it finds a difference.
        found = (top.ask(*_ANY, nothing, commit, "--", _pathspec(pattern), *excluded) for commit in commits)
        if all(said is not None for said in found):
            yield pattern


def _touches(context: Context, config: Config, options: LoadOptions, top: Git, commits: tuple[str, str]) -> bool:
    named = [_pathspec(pattern) for pattern in config.paths]
    if not any(pattern for pattern in config.paths if not pattern.startswith("!")):
        named.append(":(top)")
    return bool(top.say(*_NAMES, *commits, "--", *named)) or _touches_own(context, config, options, top, commits)


def _touches_own(context: Context, config: Config, options: LoadOptions, top: Git, commits: tuple[str, str]) -> bool:
    """Whether it changes the configuration or a scenario."""
    folder = top.folder.resolve()
    own = (options.config or DEFAULT_FILE, options.scenarios or config.scenarios)
    places = [Path(context.path(one)).absolute().resolve() for one in own]
    inside = [f":(top,literal){one.relative_to(folder)}" for one in places if one.is_relative_to(folder)]
    return bool(inside) and bool(top.say(*_NAMES, *commits, "--", *inside))


def _pathspec(pattern: str) -> str:
    """A pattern as git takes it."""
    return f":(top,glob,exclude){pattern[1:]}" if pattern.startswith("!") else f":(top,glob){pattern}"


def _record(context: Context, config: Config, provenance: Provenance) -> RunRecord:
    """Of what would have been measured."""
    now = time.time()
    return RunRecord(
        id=new_run_id(now),
        started_at=now,
        command="gate",
        side="",
        duet="",
        target=config.head_target,
        commit=provenance.here.commit,
        branch=provenance.here.branch,
        dirty=provenance.here.dirty,
        testbed=read_testbed(context.environment),
        versions=versions(),
        seed=0,
        cpus={},
    )
