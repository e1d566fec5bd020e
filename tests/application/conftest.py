"""A pull request, and a checkout of it to stand in."""

import pytest

from tests.support.pull_request import IDENTITY, Pull


@pytest.fixture
def pull(tmp_path):
    return Pull(tmp_path)


@pytest.fixture
def here(tmp_path, pull, monkeypatch):
    """Stand in a checkout, in a job of the pull request."""

    def stand(*depth, commit=None):
        folder = pull.checkout(tmp_path / "here", *depth, commit=commit)
        monkeypatch.chdir(folder)
        for name, value in {**pull.environment, **IDENTITY}.items():
            monkeypatch.setenv(name, value)
        return folder

    return stand
