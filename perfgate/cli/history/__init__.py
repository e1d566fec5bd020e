"""`perfgate history`: the group of commands around the history file.

`commands` has the group and a look into the file, `care` check and prune, `exchange` import and export, `git` merge,
publish, setup-git and textconv.
"""

from perfgate.cli.history.commands import history

__all__ = ["history"]
