"""The OpenAPI or Swagger description of the service, found among the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from perfgate.scaffold.documents import mapping, read_document, sequence
from perfgate.scaffold.openapi.examples import Examples
from perfgate.scaffold.openapi.health import HEALTH, is_health_check, last_word
from perfgate.scaffold.openapi.login import Login, find_login, is_open
from perfgate.scaffold.openapi.operations import operations_of
from perfgate.scaffold.openapi.references import References
from perfgate.scaffold.openapi.requests import DescribedRequest, requests_of
from perfgate.scaffold.repository import Repository, is_aside

# What a request can ask for as it stands.
PLAIN_PATH = re.compile(r"/[!-~]*")

_SUFFIXES = (".yaml", ".yml", ".json")
_WORDS = ("openapi", "swagger")
# One of them as a key: at the start of a line, or after another one. Where keys are sorted it may come last.
_KEY = re.compile(rf"""(?:\A\s*|^|[{{,]\s*)(["']?)(?:{"|".join(_WORDS)})\1\s*:""", re.MULTILINE)
# Files that are called otherwise are looked into only where there are few enough of them.
_MOST_LOOKED_INTO = 50
_MOST_OTHERS = 10


@dataclass(frozen=True)
class Description:
    """A description of the service's interface.

    source: the file, from the top of the repository.
    base: the prefix of all paths: "", or like "/api/v3".
    requests: the chosen requests.
    ready: the path of its health check, from the root; "" for none.
    login: how users get the credentials that requests ask for; None where the description does not say it.
    others: further files that describe an interface.
    """

    source: PurePosixPath
    base: str
    requests: tuple[DescribedRequest, ...]
    ready: str
    login: Login | None
    others: tuple[PurePosixPath, ...] = ()


def find_description(repository: Repository, near: PurePosixPath | None = None) -> Description | None:
    """The file that describes the interface of the service. near: its Dockerfile, beside which it may lie."""
    folder = near.parent if near is not None and len(near.parts) > 1 else None
    files = [path for path in repository.files if path.suffix in _SUFFIXES and not path.parts[0].startswith(".")]
    files.sort(key=lambda path: (is_aside(path), folder not in path.parents if folder else False))
    called = [path for path in files if any(word in path.name.lower() for word in _WORDS)]
    chosen: Description | None = None
    for path in (*called, *[path for path in files if path not in called][:_MOST_LOOKED_INTO]):
        if chosen is not None and path not in called[:_MOST_OTHERS]:
            break
        document = _document(repository, path, called=path in called[:_MOST_OTHERS])
        if document is not None and chosen is None:
            chosen = _described(repository, path, document)
        elif document is not None and chosen is not None:
            repository.say(f"{path} describes an interface, too; {chosen.source} is taken")
            chosen = chosen if is_aside(path) else replace(chosen, others=(*chosen.others, path))
    return chosen


def _described(repository: Repository, path: PurePosixPath, document: dict[Any, Any]) -> Description:
    references = References(document, path, repository)
    base = _base_of(document)
    operations = operations_of(document, references, {}, ("get", "post", "delete"))
    login = find_login(document, operations, Examples(references), base)
    requests = requests_of(document, references, lambda text: repository.say(f"{path}: {text}"), login)
    if not any(request.secured for request in requests):
        login = None
    return Description(path, base, requests, _ready_of(document, references, base), login)


def _document(repository: Repository, path: PurePosixPath, *, called: bool) -> dict[Any, Any] | None:
    """The description in a file; None where it is none, or one without a path, which is said where it is called so."""
    text = repository.read(path)
    read = read_document(repository, path, core=True) if _KEY.search(text) else {}
    document = mapping(read)
    lacking = "paths" if any(word in document for word in _WORDS) else " or ".join(_WORDS)
    if lacking == "paths" and document.get("paths"):
        return document
    if called and text and read is not None:  # else it is said already
        repository.say(f"{path} is called like a description of an interface and has no {lacking} at its top")
    return None


def _ready_of(document: Mapping[str, Any], references: References, base: str) -> str:
    """The path, with its base, of a GET that is called like a health check and needs nothing; "" for none."""
    found = []
    for operation in operations_of(document, references, {}, ("get",)):
        template = operation.template
        plain = is_open(operation.raw, document) and "{" not in template
        required = any(mapping(one).get("required") for one in operation.raw["parameters"])
        if is_health_check("GET", template) and plain and not required:
            found.append((HEALTH.index(last_word(template)), template))
    return f"{base}{min(found)[1]}" if found else ""


def _base_of(document: Mapping[str, Any]) -> str:
    """The path of the first server (OpenAPI 3), its variables at their defaults, or the base path (Swagger 2).

    "" where it is no path that a request can have.
    """
    servers = list(_urls(document))
    path = servers[0] if servers else document.get("basePath")
    if not isinstance(path, str) or "{" in path:
        return ""
    try:
        base = urlsplit(path).path.rstrip("/")
    except ValueError:  # it is no URL
        return ""
    rooted = f"/{base}" if base and not base.startswith("/") else base  # relative to where the description is served
    return rooted if PLAIN_PATH.fullmatch(rooted) else ""


def _urls(document: Mapping[str, Any]) -> Iterator[str]:
    for server in map(mapping, sequence(document.get("servers"))):
        url = str(server.get("url", ""))
        for name, variable in mapping(server.get("variables")).items():
            url = url.replace(f"{{{name}}}", str(mapping(variable).get("default", "")))
        yield url
