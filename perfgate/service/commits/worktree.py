"""Work trees: a commit checked out beside the user's own work tree, which is left alone.

A linked work tree (git-worktree(1)) in a temporary folder: no file, no index, no ref, no configuration of the user's
own is touched, and no hook runs. Its folder and its entry in the repository carry the mark of their owner.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from perfgate.errors import UsageError
from perfgate.git import NETWORK_SECONDS, OF_ONE_REPOSITORY, Git, GitError
from perfgate.service.owner import owner_in, this_process

PREFIX = "perfgate-"
# Large repositories take their time to be written out, and partial clones to be fetched.
CHECKOUT_SECONDS = 900.0
UNDISTURBED = (f"core.hooksPath={os.devnull}", "submodule.recurse=false")
_GITLINK = "160000"


class Worktree:
    """A context manager: inside, `folder` holds a commit, or a tree, as git checks it out; afterwards nothing is left.

    folder: the top of the work tree.
    mark: the mark of all processes that it owns, part of the folder's path too.
    """

    def __init__(self, checkout: Git, sha: str, tree: str = "") -> None:
        """Check the commit out, or a tree in its place. UsageError where that cannot be done, and nothing is left."""
        environment = {name: text for name, text in checkout.environment.items() if name not in OF_ONE_REPOSITORY}
        self._git = Git(checkout.folder, environment, settings=UNDISTURBED)
        self._entries = _entries_folder(self._git)
        self._own = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{this_process()}-"))
        self.mark = self._own.name
        self.folder = self._own / checkout.folder.resolve().name
        try:
            how = ("--no-checkout",) if tree else ()
            words = ("worktree", "add", "--quiet", "--detach", *how, str(self.folder), sha)
            self._git.say(*words, seconds=CHECKOUT_SECONDS)
            copy = Git(self.folder, environment, settings=UNDISTURBED)
            if tree:
                copy.say("read-tree", "--reset", "-u", tree, seconds=CHECKOUT_SECONDS)
            _add_submodules(self._git, copy, tree or sha)
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Remove it. Once is enough; more does no harm. Works on one that was never finished, too."""
        _remove_tree(self._own)
        for entry, tree in _entries(self._entries):
            if self._own.resolve() in tree.parents:
                _remove_entry(entry)

    def __enter__(self) -> Worktree:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def sweep_worktrees(checkout: Git) -> None:
    """Remove the temporary folders of owners that are gone, and their entries in this repository."""
    for entry, tree in _entries(_entries_folder(checkout)):
        if _left_behind(tree.parent):
            _remove_tree(tree.parent)
            _remove_entry(entry)
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if _left_behind(folder):
            _remove_tree(folder)


def _left_behind(folder: Path) -> bool:
    owner = owner_in(folder.name) if folder.name.startswith(PREFIX) else None
    return owner is not None and owner.gone()


def _entries_folder(checkout: Git) -> Path:
    return checkout.folder / checkout.say("rev-parse", "--git-common-dir") / "worktrees"


def _entries(folder: Path) -> list[tuple[Path, Path]]:
    """The linked work trees of the repository: the folder of each entry, and where its work tree is."""
    found = []
    for file in folder.glob("*/gitdir"):
        with suppress(OSError):
            # Absolute, or, where worktree.useRelativePaths says so, seen from the entry.
            found.append((file.parent, (file.parent / os.fsdecode(file.read_bytes()).rstrip("\n")).resolve().parent))
    return found


def _remove_entry(entry: Path) -> None:
    """As `git worktree remove` does, which refuses work trees that were never finished or are half gone."""
    _remove_tree(entry)
    with suppress(OSError):
        entry.parent.rmdir()  # where it was the last


def _remove_tree(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists() or folder.is_symlink():
        return
    # Some tools write-protect their files, such as Go its modules. The targets of links are not ours to change.
    for parent, folders, _ in os.walk(folder):
        for place in (Path(parent, name) for name in folders):
            if not place.is_symlink():
                with suppress(OSError):
                    os.chmod(place, stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)


def _add_submodules(source: Git, tree: Git, sha: str) -> None:
    """Check the submodules of a commit or tree out, from the user's own clones of them.

    `git submodule update` would write into the configuration that all work trees share. A remote is asked only for a
    commit that such a clone lacks, as one of CI does that is no deeper than head needs it.
    """
    for path, commit in submodules(tree, sha):
        submodule = Git(source.folder / path, source.environment, settings=UNDISTURBED)
        if not (submodule.folder / ".git").exists():
            raise UsageError(
                f"{_named(tree, sha)} has the submodule {path}, which this clone has not checked out",
                f"`git submodule update --init --recursive -- {path}` does; in a workflow, `submodules: recursive` of "
                "actions/checkout",
            )
        if not _has(submodule, commit):
            _fetch(submodule, commit)
        if not _has(submodule, commit):
            raise UsageError(
                f"{_named(tree, sha)} needs commit {commit[:12]} of the submodule {path}, which this clone lacks",
                f"`git -C {path} fetch origin {commit}` gets it; in a workflow, `fetch-depth: 0` of actions/checkout",
            )
        copy = Git(tree.folder / path, source.environment, settings=UNDISTURBED)
        _share(submodule, copy.folder)
        copy.say("checkout", "--quiet", "--detach", commit, seconds=CHECKOUT_SECONDS)
        _add_submodules(submodule, copy, commit)


def _has(submodule: Git, commit: str) -> bool:
    return submodule.ask("cat-file", "-e", f"{commit}^{{commit}}") is not None


def _fetch(submodule: Git, commit: str) -> None:
    """Bring a commit into the clone of a submodule, without refs, where its remote has it."""
    words = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
    depth = ("--depth=1",) if submodule.is_shallow else ()
    with suppress(GitError):
        submodule.say("fetch", *words, *depth, "origin", commit, seconds=NETWORK_SECONDS)


def _share(source: Git, folder: Path) -> None:
    """Make a repository in a folder that has the objects of another one, and nothing checked out."""
    if not source.is_shallow:
        source.say("clone", "--quiet", "--shared", "--no-checkout", "--template=", str(source.folder), str(folder))
        return
    # Of a shallow clone `git clone` takes what refs name, and no ref names what was fetched for a commit.
    kept = {
        name: source.say("rev-parse", "--path-format=absolute", "--git-path", name) for name in ("objects", "shallow")
    }
    source.say("init", "--quiet", "--template=", str(folder))
    alternates = folder / ".git/objects/info/alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_text(f"{kept['objects']}\n")
    shutil.copyfile(kept["shallow"], folder / ".git/shallow")


def _named(tree: Git, sha: str) -> str:
    return f"commit {sha[:12]}" if tree.ask("cat-file", "-t", sha) == "commit" else "the checkout"


def submodules(tree: Git, sha: str) -> list[tuple[str, str]]:
    """Path and commit of each submodule. tree: git in a folder that holds `sha`, a commit or a tree."""
    if not (tree.folder / ".gitmodules").exists():
        return []
    listed = tree.say("ls-tree", "-r", "-z", "--full-tree", sha)
    lines = [line.split("\t", 1) for line in listed.split("\0") if line.startswith(_GITLINK)]
    return [(path, details.split()[2]) for details, path in lines]
