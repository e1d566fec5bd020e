"""What the commits of a duet changed, as git tells it."""

from __future__ import annotations

from perfgate.application.context import Context
from perfgate.explain.changes import Changes, parse_diff
from perfgate.git import Git
from perfgate.service.target import CommitTarget, Target

# Whatever the user's settings say of colours, prefixes, programs and quoting.
_PLAIN = ("--unified=0", "--no-renames", "--no-color", "--no-ext-diff", "--src-prefix=a/", "--dst-prefix=b/")


def changes_between(context: Context, base: Target, head: Target) -> Changes | None:
    """What differs from base on head; None where these are no commits, or git does not tell."""
    if not isinstance(base, CommitTarget) or not isinstance(head, CommitTarget):
        return None
    git = Git(context.folder, context.environment, settings=("core.quotePath=false",))
    diff = git.ask("diff", *_PLAIN, base.commit.treeish, head.commit.treeish, "--")
    if diff is None:
        return None
    return Changes(parse_diff(diff.split("\n")), lambda path: git.ask("show", f"{head.commit.treeish}:{path}"))
