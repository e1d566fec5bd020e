"""Targets as they are written."""

from __future__ import annotations

import random

import pytest

from perfgate.errors import ProblemsError, UsageError
from perfgate.petstore.injections import Injections, parse_injections
from perfgate.service.target import ImageTarget, PetstoreTarget, RefTarget, UrlTarget, WorktreeTarget, parse_target


@pytest.mark.parametrize(
    ("text", "shown", "url"),
    [
        ("http://localhost:8080", "http://localhost:8080", "http://localhost:8080"),
        ("https://staging.example.com/", "https://staging.example.com", "https://staging.example.com"),
        ("http://localhost:8080/api/v3", "http://localhost:8080/api/v3", "http://localhost:8080/api/v3"),
        ("  http://localhost/api/v3/ ", "http://localhost/api/v3", "http://localhost/api/v3"),
        ("HTTP://localhost/a", "http://localhost/a", "http://localhost/a"),
        ("http://[::1]:80/a", "http://[::1]:80/a", "http://[::1]:80/a"),
        ("http://example.com./a", "http://example.com./a", "http://example.com./a"),
        ("http://me:secret@host:80/a", "http://host:80/a", "http://me:secret@host:80/a"),
        ("http+unix://%2Ftmp%2FMy.sock/api/", "http+unix://%2Ftmp%2FMy.sock/api", "http+unix://%2Ftmp%2FMy.sock/api"),
        ("http://me:p%40ss@host/%40x", "http://host/%40x", "http://me:p%40ss@host/%40x"),
        ("http://localhost:8080/@scope", "http://localhost:8080/@scope", "http://localhost:8080/@scope"),
        ("http://shop.test/a@b/", "http://shop.test/a@b", "http://shop.test/a@b"),
        ("http://me:secret@host:80/@a", "http://host:80/@a", "http://me:secret@host:80/@a"),
        ("http://me:p@ss@host/a", "http://host/a", "http://me:p%40ss@host/a"),
        ("http://me:[p]:@host", "http://host", "http://me:%5Bp%5D:@host"),
    ],
)
def test_a_url_keeps_its_base_path_and_shows_no_user_info(text: str, shown: str, url: str) -> None:
    target = parse_target(text)
    assert target == UrlTarget(shown, url)
    assert isinstance(target, UrlTarget)
    assert target.text == shown


def test_the_representation_of_a_target_shows_no_user_info() -> None:
    assert "secret" not in repr(parse_target("http://me:secret@host/"))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("localhost:8080", "without a scheme", "http://localhost:8080"),
        ("localhost", "without a scheme", "http://localhost"),
        ("example.com/api", "without a scheme", "http://example.com/api"),
        ("petstor", "not a target", "petstore"),
        ("worktrees", "not a target", "worktree"),
        ("", "not a target", "petstore"),
        ("ftp://host/", "not ftp", "http://"),
        ("image:", "names no image", "image:"),
        ("image:-rm", "names no image", "image:"),
        ("image:a b", "names no image", "image:"),
        ("ref:", "names no ref", "ref:main"),
        ("ref:--all", "names no ref", "ref:main"),
        ("http://", "no host", "http://localhost"),
        ("http:///path", "no host", "http://localhost"),
        ("http://host:99999", "Port", "http://localhost"),
        ("http://host:0", "port is 0", "http://localhost"),
        ("http://host:port", "Port", "http://localhost"),
        ("http://[::1", "not a URL", "http://localhost"),
        ("http://.example.com", "a part of its host is empty", "http://localhost"),
        ("http://api..example.com/", "a part of its host is empty", "http://localhost"),
        (f"http://{'a' * 64}.example.com", "longer than 63", "http://localhost"),
        ("http://host/a b", "spaces", "http://localhost"),
        ("http://höst/", "letters", "http://localhost"),
        ("http://host/?page=1", "after '?'", "base"),
        ("http://host/#top", "after '?'", "base"),
        ("http://host/@scope", "an @", "%40 for an @"),
        ("http+unix:///tmp/service.sock", "no host", "http://localhost"),
        ("http+unix://service.sock/", "no socket", "%2Ftmp%2Fservice.sock"),
    ],
)
def test_what_is_no_target_is_refused_with_what_to_write_instead(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_target(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "http://me:secret@host:99999",
        "http://me:sec/secret@host",
        "me:secret@host:8080",
        "ftp://me:secret@host",
        "http://me:secret@host/?a=1",
        "http://me:secret@ho st/",
    ],
)
def test_no_refusal_shows_user_info(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_target(text)
    assert "secret" not in caught.value.message + caught.value.hint


_PIECES = [f"SeCrEt{number}x" for number in range(4)]


@pytest.mark.parametrize("before", ["http://me:", "HTTPS://", "http+unix://me:", "ftp://me:", "me:", "http://me:80"])
def test_no_password_is_shown_whatever_it_holds(before: str) -> None:
    chance = random.Random(20)
    for _ in range(300):
        password = "".join(piece + "".join(chance.choices("@/:?#[]%&=+ é\\", k=2)) for piece in _PIECES)
        text = before + password + chance.choice(["@host:8080/api", "@[::1]", "@host:99999", "@", "@%2Ftmp%2Fa.sock"])
        try:
            shown = repr(parse_target(text))
        except UsageError as error:
            shown = error.message + error.hint
        assert not [piece for piece in _PIECES if piece.lower() in shown.lower()], (text, shown)


def test_images_and_refs_are_taken_as_they_are_written() -> None:
    image = "image:registry.example.com:5000/shop/cart@sha256:0123"
    assert parse_target(image) == ImageTarget(image, "registry.example.com:5000/shop/cart@sha256:0123")
    assert parse_target("ref:HEAD~2") == RefTarget("ref:HEAD~2", "HEAD~2")
    assert parse_target(" worktree ") == WorktreeTarget("worktree")


def test_petstore_alone_injects_nothing() -> None:
    target = parse_target("petstore")
    assert isinstance(target, PetstoreTarget)
    assert (target.text, target.injections.none) == ("petstore", True)


def test_petstore_options_are_read_in_their_units() -> None:
    target = parse_target("petstore?work=2ms&slow=10%&latency=5ms&errors=1%&tail=3%&warmup=20s&seed=7")
    assert isinstance(target, PetstoreTarget)
    assert target.injections == Injections(
        work=0.002, slow=0.1, latency=0.005, errors=0.01, tail=0.03, warmup=20, seed=7
    )
    assert not target.injections.none


def test_all_mistakes_in_petstore_options_are_reported_at_once() -> None:
    with pytest.raises(ProblemsError) as caught:
        parse_target("petstore?slwo=10%&errors=200%&latency=quick&tail&seed=-1&slow=1%&slow=2%&slow=-5%")
    places = [problem.place.removeprefix("petstore?") for problem in caught.value.problems]
    assert places == ["slwo", "errors", "latency", "tail", "seed", "slow", "slow"]
    assert all(problem.hint for problem in caught.value.problems)


@pytest.mark.parametrize("text", ["slow=10", "slow=-1%", "errors=1.5", "latency=2m", "latency=-1ms", "seed=1.5"])
def test_impossible_values_are_refused(text: str) -> None:
    with pytest.raises(ProblemsError):
        parse_target(f"petstore?{text}")


def test_injections_written_as_options_read_back_equal() -> None:
    injections = Injections(work=1e-3, slow=0.1, latency=1e-6, errors=1 / 3, tail=0.03, warmup=20, seed=12)
    assert parse_injections(injections.options().items(), "--") == injections
