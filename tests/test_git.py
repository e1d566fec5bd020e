"""What git says, as it may be shown."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from perfgate.git import Git, GitError

PIECES = [f"SeCrEt{number}x" for number in range(3)]


def test_no_user_info_of_a_url_is_shown_whatever_it_holds() -> None:
    chance = random.Random(20)
    for _ in range(300):
        info = "".join(piece + "".join(chance.choices("@/:' ?#", k=2)) for piece in PIECES)
        error = GitError.refused(
            ["fetch"], f"fatal: unable to access 'https://{info}@host/pets.git/': no route to host"
        )
        assert not [piece for piece in PIECES if piece in error.message + error.said], error.message
        assert "@host/pets.git/': no route to host" in error.message


@pytest.mark.parametrize(
    "info", ["me:SeCrEt", "me:SeC@rEt", "me:SeC/rEt", "me:1@SeC.invalid/rEt", "SeCrEt.invalid:1/2"]
)
def test_no_piece_of_a_password_is_shown_that_git_takes_for_a_host(tmp_path: Path, info: str) -> None:
    git = Git(tmp_path, os.environ)
    git.say("init", "--quiet")
    with pytest.raises(GitError) as caught:
        git.say("fetch", f"http://{info}@127.0.0.1:1/pets.git")
    shown = caught.value.message + caught.value.said
    assert not [piece for piece in ("SeC", "rEt") if piece.lower() in shown.lower()], shown
    assert "unable to access" in shown


def test_an_address_without_user_info_is_shown_as_it_is() -> None:
    said = "fatal: unable to access 'https://host/pets.git/': Could not resolve host: host"
    assert said in GitError.refused(["fetch"], said).message


def test_a_bare_repository_is_told_as_such(tmp_path: Path) -> None:
    git = Git(tmp_path, dict(os.environ))
    git.say("init", "--quiet", "--bare")
    with pytest.raises(GitError, match="must be run in a work tree") as caught:
        git.say("rev-parse", "--show-toplevel")
    assert "bare" in caught.value.hint


def test_a_repository_without_commits_is_told_as_such(tmp_path: Path) -> None:
    git = Git(tmp_path, dict(os.environ))
    git.say("init", "--quiet")
    with pytest.raises(GitError) as caught:
        git.say("rev-parse", "HEAD")
    assert "Nothing is committed here yet" in caught.value.hint
