"""A bare repository in a temporary folder, to look at a branch of the remote and to add a commit to it.

The checkout is read for its configuration and nothing else: no ref, no index, no object, no lock of it is touched, so
it does not matter whether it is shallow, detached or in use, nor at which moment this process is killed. Of the branch
only the newest commit is fetched, and of its files only the history (where the remote offers partial clones).
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from perfgate.errors import HistoryError
from perfgate.git import NETWORK_SECONDS, OF_ONE_REPOSITORY, Git, GitError
from perfgate.history.git.push_refusal import push_hint

_TIP = "refs/perfgate/tip"
_AUTHOR = {"NAME": "perfgate", "EMAIL": "perfgate@users.noreply.github.com"}

# What of the checkout's own configuration says how to reach the remote, and who commits. actions/checkout, for one,
# leaves its token there. It is handed on through the environment, so that no secret is written anywhere.
_SECTIONS = ("http.", "credential.", "url.", "remote.", "protocol.", "ssh.", "user.", "author.", "committer.")
_CORE = ("core.sshcommand", "core.askpass", "core.gitproxy")
_NOT_OURS = (".fetch", ".promisor", ".partialclonefilter", ".mirror", ".prune", ".tagopt")


class ScratchRepository:
    """A context manager: the temporary repository, and a folder for files. GitError where git refuses."""

    def __init__(self, checkout: Git, remote: str) -> None:
        self._checkout = checkout
        self._remote = remote
        self._stack = ExitStack()

    def __enter__(self) -> ScratchRepository:
        self.folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="perfgate-")))
        repository = self.folder / "repository.git"
        try:
            self._checkout.say("init", "--quiet", "--bare", "--template=", str(repository))
            environment = {**self._checkout.environment, **_handed_on(self._checkout), **_author(self._checkout)}
            environment = {name: text for name, text in environment.items() if name not in OF_ONE_REPOSITORY}
            self._git = Git(self._checkout.folder, environment, repository)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def fetch(self, branch: str) -> str | None:
        """The newest commit of a branch of the remote; None where there is no such branch."""
        try:
            self._git.say(
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
                "--depth=1",
                "--filter=blob:none",
                self._remote,
                f"+refs/heads/{branch}:{_TIP}",
                seconds=NETWORK_SECONDS,
            )
        except GitError as error:
            if "couldn't find remote ref" in error.said:
                return None
            raise
        return self._git.say("rev-parse", _TIP)

    def read(self, commit: str, path: str, file: Path) -> bool:
        """Write what `path` holds in a commit to a file; False where the commit has no such path."""
        if not self._git.say("ls-tree", "--full-tree", commit, "--", path):
            return False
        with file.open("wb") as opened:
            self._git.write(opened, "cat-file", "blob", f"{commit}:{path}")
        return True

    def commit(self, parent: str | None, path: str, file: Path, message: str) -> str:
        """A commit on `parent` (a first commit where None) with the file at `path`, and everything else as it was."""
        blob = self._git.say("hash-object", "-w", "--no-filters", "--", str(file.resolve()))
        self._git.say("read-tree", parent or "--empty")
        self._git.say("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
        # The other files were not fetched.
        tree = self._git.say("write-tree", "--missing-ok")
        parents = ("-p", parent) if parent else ()
        return self._git.say("commit-tree", tree, *parents, "-m", message)

    def push(self, commit: str, branch: str) -> None:
        """Make the commit the newest of the branch, which the remote does only if its parent still is."""
        refspec = f"{commit}:refs/heads/{branch}"
        try:
            self._git.say("push", "--quiet", "--porcelain", self._remote, refspec, seconds=NETWORK_SECONDS)
        except GitError as error:
            error.hint = push_hint(error.said) or error.hint
            raise


def remote_of(checkout: Git, wanted: str | None) -> str:
    """The remote to use: the one that is named, else origin, else the only one. HistoryError where there is none."""
    remotes = checkout.say("remote").split()
    if wanted is not None and wanted not in remotes:
        known = f"There are {', '.join(remotes)}." if remotes else "There is none: `git remote add` makes one."
        raise HistoryError(f"the repository has no remote {wanted!r}", known)
    if wanted is not None:
        return wanted
    if "origin" in remotes or len(remotes) == 1:
        return "origin" if "origin" in remotes else remotes[0]
    if not remotes:
        raise HistoryError("the repository has no remote", "Add one with `git remote add origin URL`.")
    raise HistoryError(f"the repository has the remotes {', '.join(remotes)}", "Name one with --remote.")


def _handed_on(checkout: Git) -> dict[str, str]:
    """The checkout's own configuration as GIT_CONFIG_ variables (git-config(1), since git 2.31)."""
    taken = []
    scoped = checkout.say("config", "--list", "-z", "--show-scope").split("\0")
    for scope, setting in zip(scoped[::2], scoped[1::2], strict=False):
        key, _, value = setting.partition("\n")
        lowered = key.lower()
        wanted = lowered.startswith(_SECTIONS) or lowered in _CORE
        if scope in ("local", "worktree", "command") and wanted and not lowered.endswith(_NOT_OURS):
            taken.append((key, value))
    variables = {"GIT_CONFIG_COUNT": str(len(taken))}
    for number, (key, value) in enumerate(taken):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def _author(checkout: Git) -> dict[str, str]:
    """Who commits, where neither the configuration nor the environment says it."""
    variables: dict[str, str] = {}
    for role in ("AUTHOR", "COMMITTER"):
        said = all(
            f"GIT_{role}_{part}" in checkout.environment
            or checkout.ask("config", f"{role.lower()}.{part.lower()}")
            or checkout.ask("config", f"user.{part.lower()}")
            for part in _AUTHOR
        )
        if not said:
            variables |= {f"GIT_{role}_{part}": text for part, text in _AUTHOR.items()}
    return variables
