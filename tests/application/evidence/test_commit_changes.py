"""What the commits of a duet changed, from a real repository."""

import pytest

from perfgate.application.context import Context
from perfgate.application.evidence.commit_changes import changes_between
from perfgate.explain.profile import Function
from perfgate.service.target import Commit, CommitTarget, UrlTarget
from tests.support.repository import Repository

PRICES = "def discount():\n    return 1\n\n\ndef tax():\n    return 2\n"


@pytest.fixture
def repository(tmp_path):
    (tmp_path / "repository" / "straße").mkdir(parents=True)
    found = Repository(tmp_path / "repository", **{"prices.py": PRICES, "straße/prices.py": PRICES})
    found.git("config", "diff.noprefix", "true")
    return found


def changes(repository, base, head, folder=""):
    return changes_between(Context(repository.folder, repository.environment, print), base, head, folder)


def commit(sha):
    return CommitTarget(f"ref:{sha}", Commit(sha, "", False, ""))


def test_the_functions_that_a_commit_changes_whatever_the_settings_of_git_and_the_letters_of_a_folder(repository):
    later = PRICES.replace("return 2", "return 3")
    head = repository.commit(**{"prices.py": later, "straße/prices.py": later})
    found = changes(repository, commit(repository.first), commit(head))
    for folder in ("", "straße/"):
        assert found.touch(Function("tax", f"{folder}prices.py"), 5) is True
        assert found.touch(Function("discount", f"{folder}prices.py"), 1) is False


def test_a_file_of_the_same_name_in_another_folder_is_another_file(repository):
    head = repository.commit(**{"straße/prices.py": PRICES.replace("return 2", "return 3")})
    tax = Function("tax", "prices.py")
    assert changes(repository, commit(repository.first), commit(head)).touch(tax, 5) is False
    assert changes(repository, commit(repository.first), commit(head), "straße").touch(tax, 5) is True


def test_the_same_commit_changes_nothing(repository):
    found = changes(repository, commit(repository.first), commit(repository.first))
    assert found.touch(Function("tax", "prices.py"), 5) is False


def test_of_targets_that_are_no_commits_nobody_knows(repository):
    url = UrlTarget("http://localhost", "http://localhost")
    assert changes(repository, url, commit(repository.first)) is None


def test_where_git_does_not_know_a_commit_nobody_knows(repository):
    assert changes(repository, commit("0" * 40), commit(repository.first)) is None
    assert changes(repository, commit(repository.first), commit("0" * 40)) is None
