"""A pull request in real repositories, merged and cloned as GitHub does it."""

import os
import subprocess

from perfgate.github.event import event_of

IDENTITY = {f"GIT_{role}_{what}": "me@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(folder, *arguments):
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**kept, **IDENTITY}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder, name, files=None):
    for path, text in (files or {name: name}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", name)
    return git(folder, "rev-parse", "HEAD")


class Pull:
    """A pull request on a repository whose main has gone on since: `base` and `head`, and `merge` of both.

    first, slow: the files of the first commit, and of the pull request's.
    """

    def __init__(self, folder, first=None, slow=None):
        self.remote = folder / "remote"
        self.remote.mkdir()
        git(self.remote, "init", "--quiet", "--initial-branch=main")
        git(self.remote, "config", "uploadpack.allowAnySHA1InWant", "true")
        self.fork_point = commit(self.remote, "first", first)
        git(self.remote, "checkout", "--quiet", "-b", "slow-path")
        self.head = commit(self.remote, "slow", slow)
        git(self.remote, "checkout", "--quiet", "main")
        self.base = commit(self.remote, "second")
        git(self.remote, "checkout", "--quiet", "--detach")
        git(self.remote, "merge", "--quiet", "--no-ff", "--message", "merge", "slow-path")
        self.merge = git(self.remote, "rev-parse", "HEAD")
        git(self.remote, "update-ref", "refs/pull/7/merge", "HEAD")
        git(self.remote, "checkout", "--quiet", "main")

    def checkout(self, folder, *depth, commit=None):
        """What actions/checkout makes of it: one commit, detached, with so much history."""
        folder.mkdir()
        git(folder, "init", "--quiet")
        git(folder, "remote", "add", "origin", f"file://{self.remote}")
        git(folder, "fetch", "--quiet", *depth, "origin", commit or "refs/pull/7/merge")
        git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        return folder

    @property
    def environment(self):
        return {
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_REPOSITORY": "octo/pets",
            "GITHUB_SHA": self.merge,
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_REF_NAME": "7/merge",
            "GITHUB_BASE_REF": "main",
            "GITHUB_HEAD_REF": "slow-path",
        }

    @property
    def payload(self):
        repo = {"full_name": "octo/pets"}
        head = {"ref": "slow-path", "sha": self.head, "repo": repo}
        base = {"ref": "main", "sha": self.base, "repo": repo}
        return {"pull_request": {"number": 7, "draft": False, "head": head, "base": base}}

    @property
    def event(self):
        return event_of(self.payload, self.environment)
