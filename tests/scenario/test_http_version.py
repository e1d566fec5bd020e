"""http_version: what it takes, and what is said where the library for it is missing."""

import importlib.util

import pytest


@pytest.mark.parametrize("written", ["'2'", "2"])
def test_http_2_can_be_asked_for(folder, written):
    assert (
        folder.one(f"""
        from perfgate import scenario

        @scenario(http_version={written})
        def pets(user):
            pass
    """).http_version
        == "2"
    )


def test_http_2_without_its_library_is_a_mistake_that_says_how_to_get_it(folder, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "hpack" else find_spec(name))
    folder.write(
        "pets.py",
        """
        from perfgate import scenario

        @scenario(
            vus=2,
            http_version="2",
        )
        def pets(user):
            pass
        """,
    )
    (problem,) = folder.problems()
    assert problem.place == "scenarios/pets.py:5"
    assert problem.message == "HTTP/2 needs the library hpack, which is not installed"
    assert problem.hint == "pip install 'perfgate[http2]'; of the action: `extras: http2`"
