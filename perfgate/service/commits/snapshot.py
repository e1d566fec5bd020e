"""The checkout as it stands, as a tree of git: with what is not committed, and with new files that git does not ignore.

As `git stash create` does, it leaves objects in the repository that nothing refers to; git removes them in time. No
file, no index, no ref and no configuration of the user's own is touched, and no hook runs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from perfgate.git import OF_ONE_REPOSITORY, Git
from perfgate.service.commits.worktree import CHECKOUT_SECONDS, PREFIX, UNDISTURBED
from perfgate.service.owner import this_process

# What perfgate keeps of its own runs is no change of the service.
_NOT_OURS = ":(exclude,glob)**/.perfgate/**"
# A check of line ends, a monitor of files or a second index would get in the way of one that is thrown away.
_PLAIN = (*UNDISTURBED, "core.safecrlf=false", "core.fsmonitor=false", "core.splitIndex=false")


def snapshot(checkout: Git) -> str:
    """The tree that a commit of everything here would have; equal to HEAD's where there are no changes."""
    environment = {name: text for name, text in checkout.environment.items() if name not in OF_ONE_REPOSITORY}
    index = Path(Git(checkout.folder, environment).say("rev-parse", "--git-path", "index"))
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{this_process()}-"))
    try:
        copy = folder / "index"
        # With its time: git looks closer at files that changed no earlier than their index (its "racy git" problem).
        with suppress(FileNotFoundError):
            shutil.copy2(checkout.folder / index, copy)
        git = Git(checkout.folder, {**environment, "GIT_INDEX_FILE": os.fspath(copy)}, settings=_PLAIN)
        git.say("add", "--all", "--", ".", _NOT_OURS, seconds=CHECKOUT_SECONDS)
        return git.say("write-tree", seconds=CHECKOUT_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
