"""Requests for the first scenario, from an OpenAPI or Swagger description of the service."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from perfgate.scaffold.documents import mapping, read_document, sequence
from perfgate.scaffold.examples import Examples
from perfgate.scaffold.harm import possible_harm
from perfgate.scaffold.plain_values import NoExampleError
from perfgate.scaffold.references import References, UnreadError
from perfgate.scaffold.repository import Repository, is_aside

_SUFFIXES = (".yaml", ".yml", ".json")
_WORDS = ("openapi", "swagger")
# Files that are called otherwise are looked into only where there are few enough of them.
_MOST_LOOKED_INTO = 50
_MOST_REQUESTS = 5
_MOST_OTHERS = 10
# Health checks, the most telling first.
_HEALTH = (
    "readyz",
    "ready",
    "readiness",
    "healthz",
    "health",
    "healthcheck",
    "health-check",
    "livez",
    "live",
    "liveness",
    "ping",
)


@dataclass(frozen=True)
class DescribedRequest:
    """One request of the first scenario.

    method: in capitals.
    path: with example values in it.
    template: the path as the description has it: "/pet/{petId}".
    params: of the query; None for none.
    body: to be sent as JSON; None for none.
    secured: whether it needs credentials.
    guessed: whether optional parameters were left out.
    """

    method: str
    path: str
    template: str
    params: Mapping[str, Any] | None
    body: Any
    secured: bool
    guessed: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"


@dataclass(frozen=True)
class Description:
    """A description of the service's interface.

    source: the file, from the top of the repository.
    base: the prefix of all paths: "", or like "/api/v3".
    requests: the chosen requests.
    ready: the path of its health check, from the root; "" for none.
    others: further files that describe an interface.
    """

    source: PurePosixPath
    base: str
    requests: tuple[DescribedRequest, ...]
    ready: str
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
        document = _document(repository, path)
        if document is not None and chosen is None:
            chosen = _described(repository, path, document)
        elif document is not None and chosen is not None:
            repository.say(f"{path} describes an interface, too; {chosen.source} is taken")
            chosen = chosen if is_aside(path) else replace(chosen, others=(*chosen.others, path))
    return chosen


def _described(repository: Repository, path: PurePosixPath, document: dict[Any, Any]) -> Description:
    references = References(document, path, repository)
    requests = requests_of(document, references, lambda text: repository.say(f"{path}: {text}"))
    base = _base_of(document)
    return Description(path, base, requests, _ready_of(document, references, base))


def _document(repository: Repository, path: PurePosixPath) -> dict[Any, Any] | None:
    """The description in a file; None where it is none, or one without a path."""
    text = repository.read(path)[:2000]
    if not any(f"{word}{mark}" in text for word in _WORDS for mark in (":", '":', "':", '" :')):
        return None
    document = mapping(read_document(repository, path))
    return document if any(word in document for word in _WORDS) and document.get("paths") else None


def requests_of(
    document: Mapping[str, Any], references: References | None = None, say: Callable[[str], None] | None = None
) -> tuple[DescribedRequest, ...]:
    """At most five requests: GETs that need nothing first, then those whose parameters have examples, then POSTs.

    Requests that need credentials are taken only where there is no other, and so are GETs with parameters left out: a
    description does not say how those are answered. What was not read, and what may do harm, is never taken; say
    takes a line for each reason.
    """
    found: list[DescribedRequest] = []
    left_out: dict[str, list[str]] = {}
    references = references or References(document)
    examples = Examples(references)
    for method, template, operation in _operations(document, references, left_out):
        if operation.get("deprecated"):
            continue
        name = f"{method} {template}"
        if reason := possible_harm(method, template, operation):
            left_out.setdefault(reason, []).append(name)
            continue
        secured = bool(operation.get("security", document.get("security")))
        try:
            request = _request(examples, method, template, operation, secured)
        except UnreadError as error:
            left_out.setdefault(_unread(error), []).append(name)
            continue
        if request is not None:
            found.append(request)
    for reason, names in left_out.items():
        more = f" and {len(names) - _MOST_REQUESTS} more" if len(names) > _MOST_REQUESTS else ""
        if say is not None:
            say(f"{', '.join(names[:_MOST_REQUESTS])}{more}: {reason}")
    chosen = [request for request in found if not request.secured] or found
    chosen = [request for request in chosen if not request.guessed] or chosen
    return tuple(sorted(chosen, key=_effort)[:_MOST_REQUESTS])


def _operations(
    document: Mapping[str, Any], references: References, left_out: dict[str, list[str]]
) -> Iterator[tuple[str, str, dict[Any, Any]]]:
    """The GETs and POSTs with their paths, wherever they stand, the parameters of their path among their own."""
    try:
        paths = references.followed(document.get("paths"))
    except UnreadError as error:
        left_out.setdefault(_unread(error), []).append("all paths")
        return
    for template, one in paths.items():
        try:
            item = references.followed(one)
        except UnreadError as error:
            left_out.setdefault(_unread(error), []).append(str(template))
            continue
        for method in ("get", "post"):
            if not isinstance(item.get(method), dict):
                continue
            try:
                operation = references.followed(item[method])
            except UnreadError as error:
                left_out.setdefault(_unread(error), []).append(f"{method.upper()} {template}")
                continue
            shared = [*sequence(item.get("parameters")), *sequence(operation.get("parameters"))]
            yield method.upper(), str(template), {**operation, "parameters": shared}


def _unread(error: UnreadError) -> str:
    return f"what it needs stands in {error.reference[:100]}, which was not found in this repository"


def _ready_of(document: Mapping[str, Any], references: References, base: str) -> str:
    """The path, with its base, of a GET that is called like a health check and needs nothing; "" for none."""
    found = []
    for method, template, operation in _operations(document, references, {}):
        last = template.rstrip("/").rpartition("/")[2].lower()
        plain = not operation.get("security", document.get("security")) and "{" not in template
        required = any(mapping(one).get("required") for one in operation["parameters"])
        if method == "GET" and last in _HEALTH and plain and not required:
            found.append((_HEALTH.index(last), template))
    return f"{base}{min(found)[1]}" if found else ""


def _effort(request: DescribedRequest) -> int:
    if request.method == "GET":
        return 0 if request.path == request.template and request.params is None else 1
    return 2


def _request(
    examples: Examples, method: str, template: str, operation: Mapping[str, Any], secured: bool
) -> DescribedRequest | None:
    """The request of an operation; None where it needs what nobody gave an example of. UnreadError: see References."""
    path, params, body, guessed = template, {}, None, False
    try:
        for parameter in map(examples.resolved, operation["parameters"]):
            place, name = parameter.get("in"), str(parameter.get("name"))
            if place == "body":
                body = examples.made(parameter.get("schema"))
            elif place == "path":
                path = path.replace(f"{{{name}}}", quote(str(examples.parameter(parameter)), safe=""))
            elif parameter.get("required") and place == "query":
                params[name] = examples.parameter(parameter)
            elif parameter.get("required") or place == "formData":
                return None
            else:
                guessed = guessed or (place == "query" and method == "GET")
        content = mapping(examples.resolved(operation.get("requestBody")).get("content"))
        if content:
            body = _body(examples, content)
        _refuse_what_no_request_holds([template, params, body])
    except UnreadError:
        raise
    except ValueError:
        return None
    return None if "{" in path else DescribedRequest(method, path, template, params or None, body, secured, guessed)


def _refuse_what_no_request_holds(values: list[Any]) -> None:
    """ValueError for what YAML and JSON can write and a JSON body cannot: bytes, sets, infinity, a value within itself,
    half a character. Dates are written as text.
    """
    try:
        json.dumps(values, allow_nan=False, ensure_ascii=False, skipkeys=True, default=date.isoformat).encode()
    except (TypeError, RecursionError) as error:
        raise NoExampleError from error


def _body(examples: Examples, content: Mapping[str, Any]) -> Any:
    media = mapping(content.get("application/json"))
    if not media:
        raise NoExampleError
    try:
        return examples.parameter(media)
    except NoExampleError:
        return examples.made(media.get("schema"))


def _base_of(document: Mapping[str, Any]) -> str:
    """The path of the first server (OpenAPI 3), its variables at their defaults, or the base path (Swagger 2)."""
    servers = list(_urls(document))
    path = servers[0] if servers else document.get("basePath")
    if not isinstance(path, str) or "{" in path:
        return ""
    try:
        return urlsplit(path).path.rstrip("/")
    except ValueError:  # it is no URL
        return ""


def _urls(document: Mapping[str, Any]) -> Iterator[str]:
    for server in map(mapping, sequence(document.get("servers"))):
        url = str(server.get("url", ""))
        for name, variable in mapping(server.get("variables")).items():
            url = url.replace(f"{{{name}}}", str(mapping(variable).get("default", "")))
        yield url
