"""Requests for the first scenario, from an OpenAPI or Swagger description of the service."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from perfgate.scaffold.documents import mapping, read_document, sequence
from perfgate.scaffold.examples import Examples, NoExampleError
from perfgate.scaffold.repository import Repository

_SUFFIXES = (".yaml", ".yml", ".json")
_WORDS = ("openapi", "swagger")
# Files that are called otherwise are looked into only where there are few enough of them.
_MOST_LOOKED_INTO = 50
_MOST_REQUESTS = 5


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
    """

    source: PurePosixPath
    base: str
    requests: tuple[DescribedRequest, ...]


def find_description(repository: Repository) -> Description | None:
    """The first file that describes an interface and from which a request can be made."""
    files = [path for path in repository.files if path.suffix in _SUFFIXES and not path.parts[0].startswith(".")]
    called = [path for path in files if any(word in path.name.lower() for word in _WORDS)]
    for path in (*called, *[path for path in files if path not in called][:_MOST_LOOKED_INTO]):
        text = repository.read(path)[:2000]
        if any(f"{word}{mark}" in text for word in _WORDS for mark in (":", '":', "':", '" :')):
            document = mapping(read_document(repository, path))
            if any(word in document for word in _WORDS) and document.get("paths"):
                return Description(path, _base_of(document), requests_of(document))
    return None


def requests_of(document: Mapping[str, Any]) -> tuple[DescribedRequest, ...]:
    """At most five requests: GETs that need nothing first, then those whose parameters have examples, then POSTs.

    Requests that need credentials are taken only where there is no other, and so are GETs with parameters left out: a
    description does not say how those are answered.
    """
    examples = Examples(document)
    found = []
    for template, item in mapping(document.get("paths")).items():
        for method in ("get", "post"):
            operation = mapping(item).get(method)
            if not isinstance(operation, dict) or operation.get("deprecated"):
                continue
            shared = [*sequence(mapping(item).get("parameters")), *sequence(operation.get("parameters"))]
            secured = bool(operation.get("security", document.get("security")))
            request = _request(examples, method.upper(), str(template), operation, shared, secured)
            if request is not None:
                found.append(request)
    chosen = [request for request in found if not request.secured] or found
    chosen = [request for request in chosen if not request.guessed] or chosen
    return tuple(sorted(chosen, key=_effort)[:_MOST_REQUESTS])


def _effort(request: DescribedRequest) -> int:
    if request.method == "GET":
        return 0 if request.path == request.template and request.params is None else 1
    return 2


def _request(
    examples: Examples,
    method: str,
    template: str,
    operation: Mapping[str, Any],
    parameters: list[Any],
    secured: bool,
) -> DescribedRequest | None:
    """The request of an operation; None where it needs what nobody gave an example of."""
    path, params, body, guessed = template, {}, None, False
    try:
        for parameter in map(examples.resolved, parameters):
            place, name = parameter.get("in"), str(parameter.get("name"))
            if place == "body":
                body = examples.made(parameter.get("schema"))
            elif place == "path":
                path = path.replace(f"{{{name}}}", quote(str(examples.parameter(parameter)), safe=""))
            elif parameter.get("required") and place == "query":
                params[name] = examples.parameter(parameter)
            elif parameter.get("required"):
                return None
            else:
                guessed = guessed or (place == "query" and method == "GET")
        content = mapping(examples.resolved(operation.get("requestBody")).get("content"))
        if content:
            body = _body(examples, content)
        _refuse_what_no_request_holds([template, params, body])
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
