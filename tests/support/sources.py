"""Repositories on the forge, and what a runner checks out of them."""

import shutil
import subprocess

from tests.support.forge import OWNER

_AUTHOR = ("-c", "user.name=Octo", "-c", "user.email=octo@example.com")

# The one thing in our workflows that nektos/act does not know yet.
_UNKNOWN_TO_ACT = "  queue: max\n"


def git(folder, *arguments):
    done = subprocess.run(["git", *_AUTHOR, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


def copy_of(root, folder):
    """The files that git knows or would add, as they are now."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, listed):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    return folder


class Source:
    """A person's clone of the repository on the forge, whose branches they push."""

    def __init__(self, forge, folder):
        self._forge = forge
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "--quiet", "--initial-branch=main")
        git(folder, "remote", "add", "origin", str(forge.bare))

    def commit(self, message, files=None):
        """Write files ({path: text}), commit everything and push the branch; the commit."""
        for name, text in (files or {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for workflow in (self.folder / ".github" / "workflows").glob("*.yml"):
            workflow.write_text(workflow.read_text().replace(_UNKNOWN_TO_ACT, ""))
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--allow-empty", "--message", message)
        git(self.folder, "push", "--quiet", "--force", "origin", "HEAD")
        return git(self.folder, "rev-parse", "HEAD")

    def branch(self, name, start="main"):
        """Begin a branch anew."""
        git(self.folder, "checkout", "--quiet", "-B", name, start)

    def merged(self, head):
        """The merge commit that GitHub makes of a pull request and its base, under refs/pull/7/merge; and the base."""
        base = git(self.folder, "rev-parse", "main")
        git(self.folder, "checkout", "--quiet", "--detach", base)
        git(self.folder, "merge", "--quiet", "--no-ff", "--message", "Merge", head)
        git(self.folder, "push", "--quiet", "--force", "origin", "HEAD:refs/pull/7/merge")
        return base


def checked_out(forge, folder, ref, depth):
    """What actions/checkout leaves: a shallow clone, detached at a pull request's merge or on a branch, no token."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "remote", "add", "origin", f"{forge.url}/{OWNER}")
    local = f"refs/remotes/{ref.removeprefix('refs/').replace('heads/', 'origin/')}"
    git(folder, "fetch", "--quiet", "--no-tags", f"--depth={depth}", "origin", f"+{ref}:{local}")
    if ref.startswith("refs/heads/"):
        git(folder, "checkout", "--quiet", "-B", ref.removeprefix("refs/heads/"), local)
    else:
        git(folder, "checkout", "--quiet", "--force", local)
    return folder
