"""Target strings: what load is sent to, in one word that means the same everywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit

from perfgate.errors import UsageError
from perfgate.petstore.injections import Injections, parse_injections

WORKTREE = "worktree"
UNIX = "http+unix"  # as requests-unixsocket and httpie call HTTP on a unix socket, whose path stands quoted as the host
_WAYS = "a target is a URL like http://localhost:8080, image:NAME, ref:GITREF, worktree, or petstore"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_PRINTABLE = re.compile(r"[!-~]+")
# Characters that user info may hold as they are (RFC 3986, 3.2.1), or quoted; an @ in a password becomes %40.
_QUOTED = "%:!$&'()*+,;="
_AUTHORITY = re.compile(r"[^/?#]*")
# What can hardly be the beginning of user info with a / in it: an address, a name with a dot, or anything with a port.
_HOST = re.compile(r"localhost|\[[^]]*\](:[0-9]+)?|[^:]*\.[^:]*|[^:]+:[0-9]+", re.IGNORECASE)
_PATH = re.compile(r"[A-Za-z0-9/@:._~!$&'()*+,;=%-]*")
# RFC 1035, 2.3.4; the resolver judges the characters of each label. An address stands in brackets.
_LABELS = re.compile(r"[^.]{1,63}(\.[^.]{1,63})*\.?")
# Options to a shell, git and the Engine, and characters that no name of theirs holds; the rest is theirs to judge.
_NO_NAME = re.compile(r"-|.*[\x00-\x20\x7f]")
_EXAMPLES = {"image": "image:my-service:1.2", "ref": "ref:main"}


@dataclass(frozen=True)
class Target:
    """What load is sent to, as a value.

    text: the target string, without a URL's user info; the only part to show, store or post.
    """

    text: str


@dataclass(frozen=True)
class UrlTarget(Target):
    """A service that runs already.

    url: without a slash at its end; with the user info, and so never shown.
    """

    url: str = field(repr=False)


@dataclass(frozen=True)
class PetstoreTarget(Target):
    """The embedded petstore, to be started.

    injections: the faults that it is started with.
    """

    injections: Injections


@dataclass(frozen=True)
class ImageTarget(Target):
    """A container, to be started.

    name: the image's name.
    """

    name: str


@dataclass(frozen=True)
class RefTarget(Target):
    """A commit of this repository, to be checked out and started.

    ref: its git ref.
    """

    ref: str


@dataclass(frozen=True)
class WorktreeTarget(Target):
    """The checkout as it stands, with what is not committed, to be copied and started."""


@dataclass(frozen=True)
class Commit:
    """A commit of this repository, or the checkout on top of it.

    sha: its full hash.
    branch: the branch that its ref names; "" where the ref names none.
    unsaved: whether this work tree has the commit checked out, with changes that are not in it.
    tree: the hash of the checkout's tree, where that is measured and differs from the commit's; "" otherwise.
    """

    sha: str
    branch: str
    unsaved: bool
    tree: str

    @property
    def treeish(self) -> str:
        """What git calls the files that are measured."""
        return self.tree or self.sha

    def __str__(self) -> str:
        return "the checkout" if self.tree else f"commit {self.sha[:12]}"


@dataclass(frozen=True)
class CommitTarget(Target):
    """A RefTarget or WorktreeTarget whose commit was looked up."""

    commit: Commit


def parse_target(text: str) -> Target:
    """The target that `text` names.

    http://... and https://... (a base path stays), http+unix://%2Ftmp%2Fservice.sock/... for a unix socket, `petstore`,
    image:NAME, ref:GITREF, `worktree`, `petstore?slow=10%&latency=5ms`. UsageError for anything else, with what to
    write instead.
    """
    text = text.strip()
    if text == WORKTREE:
        return WorktreeTarget(text)
    if text == "petstore" or text.startswith("petstore?"):
        return PetstoreTarget(text, parse_injections(_options(text), "petstore?"))
    if text.startswith("image:"):
        return ImageTarget(text, _name(text))
    if text.startswith("ref:"):
        return RefTarget(text, _name(text))
    if text.lower().startswith(("http://", "https://", f"{UNIX}://")):
        return _url_target(text)
    shown = shown_text(text)
    scheme = _SCHEME.match(shown)
    if scheme:
        raise UsageError(f"{shown!r} is not a target: perfgate speaks http, https and {UNIX}, not {scheme[1]}", _WAYS)
    if re.search(r"[:./]|^localhost$", shown):
        raise UsageError(f"{shown!r} is a URL without a scheme", f"write http://{shown}")
    raise UsageError(f"{shown!r} is not a target", _WAYS)


def _name(text: str) -> str:
    kind, _, name = text.partition(":")
    if not name or _NO_NAME.match(name):
        raise UsageError(f"{text!r} names no {kind}", f"write it like {_EXAMPLES[kind]}")
    return name


def _options(text: str) -> list[tuple[str, str]]:
    # Not parse_qsl: the "%" of "10%" is meant as one.
    words = text.partition("?")[2].split("&")
    return [(name, value) for name, _, value in (word.partition("=") for word in words if word)]


def _url_target(text: str) -> UrlTarget:
    scheme, _, rest = text.partition("://")
    # User info ends at the last @ before the path (RFC 3986, 3.2): a path may hold an @ of its own.
    authority = _AUTHORITY.match(rest)
    end = authority.end() if authority else len(rest)
    user_info, at, host = rest[:end].rpartition("@")
    place = host + rest[end:]
    shown = f"{scheme}://{place}"
    if "@" in rest[end:] and not (_HOST.fullmatch(host) and _PATH.fullmatch(rest[end:])):
        # What looks like a path may be the rest of a password: nothing before the last @ is shown.
        hint = "write %40 for an @ in the path, and %2F for a / in a password"
        shown = shown_text(text)
        raise UsageError(f"{shown!r} has an @ that ends no user info, or one that holds a / in plain", hint)
    try:
        _refuse(urlsplit(shown), text, shown)
    except ValueError as error:
        raise UsageError(f"{shown!r} is not a URL: {error}", "write it like http://localhost:8080/api/v3") from None
    scheme, place = scheme.lower(), place.rstrip("/")
    return UrlTarget(f"{scheme}://{place}", f"{scheme}://{quote(user_info, _QUOTED)}{at}{place}")


def _refuse(parts: SplitResult, text: str, shown: str) -> None:
    """Raise for what no URL of a service may be. parts: of `shown`, so that no message holds user info."""
    if not _PRINTABLE.fullmatch(text):
        raise ValueError("it holds spaces or letters that a URL must write in another way")
    if not parts.hostname:
        raise ValueError("it names no host")
    if parts.scheme != UNIX and not _LABELS.fullmatch(parts.hostname):
        raise ValueError("a part of its host is empty, or longer than 63 letters")
    if parts.scheme == UNIX and not unquote(parts.netloc).startswith(("/", "\0")):
        hint = f"write the whole path, with %2F for each /, like {UNIX}://%2Ftmp%2Fservice.sock"
        raise UsageError(f"{shown!r} names no socket", hint)
    if parts.port == 0:
        raise ValueError("its port is 0")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise UsageError(f"{shown!r} has a part after '?' or '#'", "give the base that paths are added to, without it")


def shown_text(text: str) -> str:
    """Text that may be no URL at all, for messages: everything between the scheme and the last @ is cut."""
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    return (scheme[0] if scheme else "") + rest.rpartition("@")[2]
