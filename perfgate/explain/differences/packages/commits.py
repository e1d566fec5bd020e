"""Libraries that come from a repository, or are a branch of one: the commit moves, and the version need not."""

from __future__ import annotations

import re

_SHORT = 7
_COMMIT = r"([0-9a-f]{7,64})"
# Repositories (git+ssh://…#COMMIT, https://….git#commit=COMMIT, git@host:…#COMMIT), and what hosts pack of a commit.
_ADDRESS = re.compile(
    rf"(?:git[+:@]|ssh:)\S*#(?:\S*=)?{_COMMIT}|\S+\.git(?:\?[^\s#]*)?#(?:\S*=)?{_COMMIT}|"
    rf"https://codeload\.github\.com/\S+/{_COMMIT}(?:#\S*)?|"
    rf"https?://\S+/repository/archive\.tar\.gz\?(?:ref|sha)={_COMMIT}(?:#\S*)?|"
    rf"https?://bitbucket\.org/\S+/get/{_COMMIT}\.tar\.gz(?:#\S*)?"
)


def with_commit(version: str, commit: str) -> str:
    """The version with the short commit, like "0.1.0 (1a2b3c4)"; as it is where there is no commit."""
    return f"{version} ({commit[:_SHORT]})".strip() if commit else version


def commit_of(address: str) -> str:
    """The commit that an address of a repository ends with; "" of others: behind the # of an archive is a checksum."""
    match = _ADDRESS.fullmatch(address)
    return next(filter(None, match.groups()), "") if match else ""
