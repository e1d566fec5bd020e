"""What the tests of the history in git share: a bare repository as the remote, and clones of it."""

import os
import subprocess
from pathlib import Path

from perfgate.git import checkout_of
from perfgate.history.checking import faults_of
from perfgate.history.git.publishing import Destination
from perfgate.history.store import open_history

PATH = "history/perfgate.db"
IN_TREE = Destination("origin", "main", PATH, own=False)
OWN_BRANCH = Destination("origin", "perfgate-history", PATH, own=True)


def environment(home, **more):
    """Of a person who has told git a name and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", **more}


class Remote:
    """A bare repository with one commit on main, and what is needed to look into it."""

    def __init__(self, folder: Path, name="bare.git"):
        self.folder = folder
        self.environment = environment(folder)
        self.path = folder / name
        self.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", self.path)
        self.url = self.path.as_uri()
        first = self.clone("first", as_somebody=True)
        (first / "README").write_text("a service\n")
        self.git(first, "add", "README")
        self.git(first, "commit", "--quiet", "--message", "First")
        self.git(first, "push", "--quiet", "origin", "HEAD:main")

    def git(self, folder, *arguments, **options):
        options = {"check": True, "env": self.environment, "capture_output": True, "text": True} | options
        return subprocess.run(["git", "-C", str(folder), *map(str, arguments)], **options).stdout

    def clone(self, name, *options, as_somebody=False):
        """A clone of it, in the folder `name`."""
        folder = self.folder / name
        self.git(self.folder, "clone", "--quiet", *options, self.url, folder)
        if as_somebody:
            self.git(folder, "config", "user.name", "Somebody")
            self.git(folder, "config", "user.email", "somebody@example.com")
        return folder

    def checkout(self, folder):
        """What perfgate is given of a clone."""
        return checkout_of(folder, self.environment)

    def history(self, branch="main", path=PATH):
        """A copy of what the branch has."""
        copy = self.folder / "published.db"
        with copy.open("wb") as file:
            self.git(self.path, "cat-file", "blob", f"{branch}:{path}", stdout=file, capture_output=False, text=False)
        return copy

    def runs(self, branch="main"):
        """The ids of the runs that the branch has, in a file that is sound."""
        with open_history(self.history(branch), create=False) as history:
            assert faults_of(history.path) == ()
            return {run.record.id for run in history.runs()}

    def log(self, branch="main", form="%s"):
        """A line for each commit of the branch, the newest first."""
        return self.git(self.path, "log", f"--format={form}", branch).splitlines()
