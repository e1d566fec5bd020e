"""Publishing to a real remote, from clones as CI makes them, by several processes at once, some of them killed."""

import os
import random
import signal
import sqlite3
import tempfile
import time
from contextlib import closing

import pytest

from perfgate.errors import HistoryError
from perfgate.git import GitError
from perfgate.history.git.fetching import fetched_history, remembered_history
from perfgate.history.git.publishing import Destination, publish
from perfgate.history.git.scratch_repository import ScratchRepository
from perfgate.history.pruning import Plan, prune
from tests.support.histories import put, small_run
from tests.support.remotes import IN_TREE, OWN_BRANCH, PATH, Remote, environment

BRIEF = {"scenarios": {"browse": {"GET /": 5.0}}, "requests_per_round": 10}
PUBLISHERS = 20


def brief_run(number):
    return small_run(number, **BRIEF)


@pytest.fixture
def remote(tmp_path):
    return Remote(tmp_path)


@pytest.fixture
def local(tmp_path):
    path = tmp_path / "local.db"
    put(path, brief_run(0), brief_run(1))
    return path


def ids(*numbers):
    return {brief_run(number).record.id for number in numbers}


def everything_in(folder):
    """Every file below a folder with its content: what must not change."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("destination", [IN_TREE, OWN_BRANCH], ids=["in-tree", "own-branch"])
class TestBothKindsOfBranch:
    def test_runs_that_the_branch_lacks_land_there_in_one_commit(self, remote, local, destination):
        checkout = remote.checkout(remote.clone("work", as_somebody=True))
        published = publish(checkout, local, destination)
        assert (published.runs, published.attempts) == (2, 1)
        assert remote.runs(destination.branch) == ids(0, 1)
        assert remote.log(destination.branch)[0] == "history: Add 2 runs"
        assert remote.log(destination.branch, "%H")[0] == published.commit
        assert remote.log(destination.branch, "%an <%ae>")[0] == "Somebody <somebody@example.com>"
        assert "[skip ci]" in remote.log(destination.branch, "%b")
        put(local, brief_run(2))
        assert publish(checkout, local, destination).runs == 1
        assert remote.log(destination.branch)[0] == "history: Add 1 run"
        assert remote.runs(destination.branch) == ids(0, 1, 2)

    def test_nothing_to_add_makes_no_commit(self, remote, local, destination):
        checkout = remote.checkout(remote.clone("work"))
        publish(checkout, local, destination)
        before = remote.log(destination.branch, "%H")
        published = publish(checkout, local, destination)
        assert (published.commit, published.runs) == (None, 0)
        assert remote.log(destination.branch, "%H") == before

    @pytest.mark.parametrize("options", [(), ("--depth=1",), ("--filter=blob:none", "--no-checkout")])
    @pytest.mark.parametrize("offers_partial_clones", [False, True])
    def test_the_clone_is_not_touched_however_it_was_made(
        self, remote, local, destination, options, offers_partial_clones
    ):
        remote.git(remote.path, "config", "uploadpack.allowFilter", str(offers_partial_clones).lower())
        folder = remote.clone("work", *options)
        remote.git(folder, "checkout", "--quiet", "--detach")
        (folder / "README").write_text("changed, and not committed\n")
        before = everything_in(folder)
        assert publish(remote.checkout(folder), local, destination).runs == 2
        assert everything_in(folder) == before
        assert remote.runs(destination.branch) == ids(0, 1)

    def test_publishers_at_once_all_land_in_one_line_without_force(self, remote, tmp_path, destination):
        remote.git(remote.path, "config", "receive.denyNonFastForwards", "true")
        work = [remote.clone("full"), remote.clone("shallow", "--depth=1")]
        jobs = []
        for number in range(PUBLISHERS):
            path = tmp_path / f"{number}.db"
            put(path, brief_run(number))
            checkout = remote.checkout(work[number % 2])
            jobs.append(forked(lambda checkout=checkout, path=path: publish(checkout, path, destination)))
        assert [os.waitpid(job, 0)[1] for job in jobs] == [0] * PUBLISHERS
        assert remote.runs(destination.branch) == ids(*range(PUBLISHERS))
        added = [line for line in remote.log(destination.branch, "%s|%p") if line.startswith("history")]
        assert len(added) == PUBLISHERS
        assert all(len(line.partition("|")[2].split()) <= 1 for line in added)
        remote.git(remote.path, "fsck", "--full", "--strict")


def forked(work):
    """A process that does `work`: its id. It ends with 0 where that succeeded."""
    child = os.fork()
    if not child:
        try:
            os.setsid()
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def kill_publishers(remote, tmp_path, times):
    """Kill so many publishers at random moments; how many of them had come to their end."""
    chance = random.Random(times)
    checkout = remote.checkout(remote.clone("work"))
    before = everything_in(checkout.folder)
    ended = 0
    longest = 0.2
    for number in range(times):
        path = tmp_path / "killed.db"
        path.unlink(missing_ok=True)
        put(path, brief_run(number))
        child = forked(lambda path=path: publish(checkout, path, IN_TREE))
        time.sleep(chance.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        ended += os.waitpid(child, 0)[1] == 0
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if len(remote.log()) > 1:
            assert remote.runs() <= ids(*range(number + 1))
        began = time.monotonic()
        publish(checkout, path, IN_TREE)
        # What a whole one takes on this machine; where the killed one had come far enough, there is less to do.
        longest = time.monotonic() - began if number == 0 else max(longest, time.monotonic() - began)
        assert brief_run(number).record.id in remote.runs()
    assert remote.runs() == ids(*range(times))
    assert len(remote.log()) == times + 1
    assert everything_in(checkout.folder) == before
    return ended


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Where temporary folders are made: those of killed processes stay."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.usefixtures("scratch")
def test_publishers_killed_at_any_moment_leave_all_sound_and_the_next_one_works(remote, tmp_path):
    assert kill_publishers(remote, tmp_path, 12) < 12


@pytest.mark.slow
@pytest.mark.usefixtures("scratch")
def test_a_hundred_publishers_killed_at_any_moment_leave_all_sound(remote, tmp_path):
    assert 0 <= kill_publishers(remote, tmp_path, 100) < 100


def test_everything_else_on_the_branch_stays_as_it_is(remote, local):
    publish(remote.checkout(remote.clone("work")), local, IN_TREE)
    assert remote.git(remote.path, "ls-tree", "-r", "--name-only", "main").split() == ["README", PATH]
    assert remote.git(remote.path, "show", "main:README") == "a service\n"


def test_who_has_told_git_no_name_commits_as_perfgate(remote, local):
    publish(remote.checkout(remote.clone("work")), local, IN_TREE)
    assert remote.log(form="%an <%ae>, %cn")[0] == "perfgate <perfgate@users.noreply.github.com>, perfgate"


def test_the_configuration_of_the_clone_reaches_the_remote(remote, local):
    folder = remote.clone("work")
    remote.git(folder, "remote", "set-url", "origin", "short:bare.git")
    remote.git(folder, "config", f"url.{remote.folder.as_uri()}/.insteadOf", "short:")
    assert publish(remote.checkout(folder), local, IN_TREE).runs == 2


def test_a_token_in_the_configuration_is_used_and_written_nowhere(remote, tmp_path):
    folder = remote.clone("work")
    included = tmp_path / "credentials.config"  # as actions/checkout leaves it
    included.write_text('[http "http://127.0.0.1/"]\n\textraheader = AUTHORIZATION: basic c2VjcmV0\n')
    remote.git(folder, "config", f"includeIf.gitdir:{folder}/.git.path", included)
    with ScratchRepository(remote.checkout(folder), "origin") as scratch:
        assert scratch.fetch("main")
        assert "c2VjcmV0" in scratch._git.say("config", "http.http://127.0.0.1/.extraheader")
        written = everything_in(scratch.folder)
    assert written
    assert not any(b"c2VjcmV0" in content for content in written.values())


def test_nothing_is_left_behind(remote, local, scratch):
    publish(remote.checkout(remote.clone("work")), local, IN_TREE)
    with pytest.raises(HistoryError):
        publish(remote.checkout(remote.folder / "work"), local, Destination("origin", "trunk", PATH, own=False))
    assert list(scratch.iterdir()) == []


def test_a_remote_with_a_relative_address_is_found(remote, local):
    folder = remote.clone("work")
    remote.git(folder, "remote", "set-url", "origin", "../bare.git")
    assert publish(remote.checkout(folder), local, IN_TREE).runs == 2


def test_it_works_inside_of_a_git_hook(remote, local):
    folder = remote.clone("work")
    checkout = remote.checkout(folder)
    checkout.environment |= {"GIT_DIR": str(folder / ".git"), "GIT_INDEX_FILE": str(folder / ".git/index")}
    assert publish(checkout, local, IN_TREE).runs == 2
    assert remote.git(folder, "status", "--porcelain") == ""


def test_a_run_that_was_completed_since_is_brought_up_to_date(remote, tmp_path):
    path, run = tmp_path / "local.db", brief_run(0)
    put(path, run, finished=False)
    checkout = remote.checkout(remote.clone("work"))
    publish(checkout, path, IN_TREE)
    put(path, run)
    assert publish(checkout, path, IN_TREE).runs == 1
    with closing(sqlite3.connect(remote.history())) as connection:
        assert connection.execute("SELECT finished FROM runs").fetchall() == [(1,)]


def test_runs_pruned_from_the_branch_do_not_come_back_from_an_older_checkout(remote, local):
    work = remote.checkout(remote.clone("work", as_somebody=True))
    publish(work, local, IN_TREE)
    older = remote.clone("older")
    remote.git(work.folder, "pull", "--quiet")
    prune(work.folder / PATH, Plan(1, None, None, None, None))
    remote.git(work.folder, "commit", "--quiet", "--all", "--message", "Prune")
    remote.git(work.folder, "push", "--quiet")
    put(older / PATH, brief_run(2))
    assert publish(remote.checkout(older), older / PATH, IN_TREE).runs == 1
    assert remote.runs() == ids(1, 2)


def test_publishing_adds_and_never_removes(remote, local):
    work = remote.checkout(remote.clone("work"))
    publish(work, local, IN_TREE)
    remote.git(work.folder, "pull", "--quiet")
    prune(work.folder / PATH, Plan(1, None, None, None, None))
    put(work.folder / PATH, brief_run(2))
    assert publish(work, work.folder / PATH, IN_TREE).runs == 1
    assert remote.runs() == ids(0, 1, 2)


class TestRefusals:
    def refused(self, remote, local, destination=IN_TREE, folder=None, **options):
        before = local.read_bytes() if local.exists() else None
        folder = folder or remote.clone("work")
        with pytest.raises((GitError, HistoryError)) as caught:
            publish(remote.checkout(folder), local, destination, **options)
        assert caught.value.hint
        assert len(f"{caught.value.message}\n{caught.value.hint}".splitlines()) < 24
        assert (local.read_bytes() if local.exists() else None) == before
        return caught.value

    def test_a_branch_that_is_not_there_is_refused(self, remote, local):
        error = self.refused(remote, local, Destination("origin", "trunk", PATH, own=False))
        assert "no branch trunk" in error.message

    def test_a_remote_that_is_not_there_is_refused(self, remote, local):
        folder = remote.clone("work")
        remote.path.rename(remote.folder / "moved.git")
        error = self.refused(remote, local, folder=folder)
        assert "git remote --verbose" in error.hint

    def test_a_protected_branch_is_refused(self, remote, local):
        hook = remote.path / "hooks/pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho 'error: GH006: Protected branch update failed for refs/heads/main.'\nexit 1\n")
        hook.chmod(0o755)
        error = self.refused(remote, local)
        assert "GH006" in error.message
        assert "[history]" in error.hint

    def says(self, remote, local, said):
        """The waits of three seconds of publishing to a remote that refuses with these words, and the error."""
        hook = remote.path / "hooks/pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\nexit 1\n")
        hook.chmod(0o755)
        now, waits = [0.0], []

        def wait(seconds):
            waits.append(seconds)
            now[0] += seconds

        error = self.refused(remote, local, seconds=3.0, clock=lambda: now[0], wait=wait, chance=lambda: 1.0)
        return waits, error

    def test_another_who_is_always_faster_ends_the_attempts(self, remote, local):
        waits, error = self.says(remote, local, "error: cannot lock ref refs/heads/main")
        assert waits == [0.25, 0.5, 1.0]
        assert "It was tried 4 times in 3 s" in error.hint

    def test_a_remote_that_does_not_answer_is_asked_again(self, remote, local):
        folder = remote.clone("work")
        remote.git(folder, "remote", "set-url", "origin", "http://127.0.0.1:9/nothing.git")
        waits = []
        self.refused(remote, local, folder=folder, seconds=3.0, clock=lambda: sum(waits), wait=waits.append)
        assert waits

    # As git with libcurl 7.88 to 8.14, OpenSSH 9 and GitHub say it.
    @pytest.mark.parametrize(
        "said",
        [
            "fatal: unable to access 'https://github.com/a/b/': Failed to connect to github.com port 443 after 134512 "
            "ms: Couldn't connect to server",
            "fatal: unable to access 'https://github.com/a/b/': Could not connect to server",
            "fatal: unable to access 'https://github.com/a/certificate-problem/': Could not resolve host: github.com",
            "warning: unable to access '/root/.config/git/attributes': Permission denied\n"
            "fatal: unable to access 'https://github.com/a/b/': Recv failure: Connection reset by peer",
            "fatal: unable to access 'https://github.com/a/b/': Recv failure: Operation timed out",
            "fatal: unable to access 'https://github.com/a/b/': GnuTLS recv error (-110): The TLS connection was "
            "non-properly terminated.",
            "fatal: unable to access 'https://github.com/a/b/': OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection",
            "fatal: unable to access 'https://github.com/a/b/': The requested URL returned error: 502",
            "fatal: unable to access 'https://github.com/a/b/': The requested URL returned error: 429",
            "kex_exchange_identification: Connection closed by remote host\n"
            "fatal: Could not read from remote repository.",
            "! [remote rejected] main -> main (fatal error in commit_refs)",
            "remote: Internal Server Error",
            "timed out: no end after 120 s",
        ],
    )
    def test_what_passes_is_tried_again(self, remote, local, said):
        assert self.says(remote, local, said)[0] == [0.25, 0.5, 1.0]

    @pytest.mark.parametrize(
        "said",
        [
            "fatal: unable to access 'https://github.com/a/b/': The requested URL returned error: 403",
            "fatal: unable to access 'https://github.com/a/b/': SSL certificate problem: self-signed certificate",
            "fatal: Authentication failed for 'https://github.com/a/b/'",
            "Unauthorized\nfatal: Could not read from remote repository.",
            "fatal: unable to access 'https://github.com/a/b/': server certificate verification failed. CAfile: none",
            "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
            "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
            "Host key verification failed.\nfatal: Could not read from remote repository.",
        ],
    )
    def test_what_does_not_pass_is_tried_once(self, remote, local, said):
        assert self.says(remote, local, said)[0] == []

    def test_user_info_of_a_remote_is_nowhere_to_be_seen(self, remote, local):
        folder = remote.clone("work")
        remote.git(folder, "remote", "set-url", "origin", "http://me:secret@127.0.0.1:9/nothing.git")
        error = self.refused(remote, local, folder=folder, seconds=0.0)
        assert "secret" not in f"{error.message}{error.hint}"

    @pytest.mark.parametrize("what", ["a text", "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"])
    def test_a_branch_whose_history_is_none_is_refused(self, remote, local, what):
        folder = remote.clone("work", as_somebody=True)
        (folder / "history").mkdir()
        (folder / PATH).write_text(what)
        remote.git(folder, "add", PATH)
        remote.git(folder, "commit", "--quiet", "--message", "Not a history")
        remote.git(folder, "push", "--quiet")
        assert f"{PATH} on origin/main" in self.refused(remote, local, folder=folder).message

    def test_a_history_under_lfs_is_refused_before_the_push(self, remote, local):
        folder = remote.clone("work", as_somebody=True)
        (folder / ".gitattributes").write_text("*.db filter=lfs diff=lfs merge=lfs -text\n")
        error = self.refused(remote, local, folder=folder)
        assert error.message == f"{PATH}: .gitattributes has the filter lfs for it"
        assert "perfgate history setup-git" in error.hint
        publish(remote.checkout(folder), local, OWN_BRANCH)

    def test_what_a_branch_has_of_a_history_under_lfs_is_no_history(self, remote, local):
        folder = remote.clone("work", as_somebody=True)
        (folder / "history").mkdir()
        (folder / PATH).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\n")
        remote.git(folder, "add", PATH)
        remote.git(folder, "commit", "--quiet", "--message", "A pointer")
        remote.git(folder, "push", "--quiet")
        checkout = remote.checkout(folder)
        assert f"{PATH} on origin/main: is a Git LFS pointer" in self.refused(remote, local, folder=folder).message
        for history in (fetched_history, remembered_history):
            with (
                pytest.raises(HistoryError, match=f"{PATH} on origin/main: is a Git LFS pointer") as caught,
                history(checkout, IN_TREE),
            ):
                pass
            assert "perfgate history setup-git" in caught.value.hint

    def test_a_local_history_that_is_not_there_is_refused(self, remote, tmp_path):
        assert "there is no history" in self.refused(remote, tmp_path / "nothing.db").message

    def test_outside_of_a_repository_nothing_is_published(self, tmp_path):
        from perfgate.git import checkout_of

        with pytest.raises(GitError, match="not a git repository"):
            checkout_of(tmp_path, environment(tmp_path))
