"""What the commits of a duet changed, as git tells it."""

from __future__ import annotations

from functools import partial

from perfgate.application.context import Context
from perfgate.explain.changes import Changes, parse_diff
from perfgate.git import Git
from perfgate.service.target import CommitTarget, Target

# Whatever the user's settings say of colours, prefixes, programs and quoting.
_PLAIN = ("--unified=0", "--no-renames", "--no-color", "--no-ext-diff", "--src-prefix=a/", "--dst-prefix=b/")


def changes_between(context: Context, base: Target, head: Target, folder: str = "") -> Changes | None:
    """What differs from base on head; None where these are no commits, or git does not tell.

    folder: the service's in the repository; "" for the top, or where it is not known.
    """
    if not isinstance(base, CommitTarget) or not isinstance(head, CommitTarget):
        return None
    git = Git(context.folder, context.environment, settings=("core.quotePath=false",))
    diff = git.ask("diff", *_PLAIN, base.commit.treeish, head.commit.treeish, "--")
    files = git.ask("ls-tree", "-r", "-z", "--full-tree", "--name-only", head.commit.treeish)
    if diff is None or files is None:
        return None
    source = partial(_source, git, head)
    return Changes(parse_diff(diff.split("\n")), files.split("\0"), source, folder)


def _source(git: Git, head: CommitTarget, path: str) -> str | None:
    return git.ask("show", f"{head.commit.treeish}:{path}")
