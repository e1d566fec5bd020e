"""What is found out about a repository."""

from pathlib import PurePosixPath

import pytest

from perfgate.git import checkout_of
from perfgate.scaffold.repository import find_repository
from tests.support.newcomers import found, git, make_repository


@pytest.mark.parametrize("branch", ["main", "master", "trunk"])
def test_the_default_branch_is_the_one_that_is_there(tmp_path, branch):
    assert found(tmp_path, {}, branch).branch == branch


def test_the_default_branch_is_what_the_remote_says_whichever_is_checked_out(tmp_path):
    make_repository(tmp_path / "remote", {}, "stable")
    git(tmp_path, "clone", "--quiet", "remote", "clone")
    git(tmp_path / "clone", "checkout", "--quiet", "-b", "main")
    assert find_repository(checkout_of(tmp_path / "clone", {"PATH": "/usr/bin:/bin"}), print).branch == "stable"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_the_encoding_that_its_mark_tells(tmp_path, encoding):
    repository = found(tmp_path, {"requirements.txt": ""})
    (tmp_path / "requirements.txt").write_bytes("psycopg==3.2\r\nredis\r\n".encode(encoding))
    assert repository.read(PurePosixPath("requirements.txt")) == "psycopg==3.2\nredis\n"


def test_files_that_are_ignored_or_somebody_elses_are_not_looked_at(tmp_path):
    files = {".gitignore": "build/\n", "build/Dockerfile": "", "node_modules/a/Dockerfile": "", "app/Dockerfile": ""}
    assert found(tmp_path, files).files == (PurePosixPath(".gitignore"), PurePosixPath("app/Dockerfile"))
