"""Requests for the first scenario."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from perfgate.scaffold.documents import mapping
from perfgate.scaffold.openapi.examples import Examples
from perfgate.scaffold.openapi.harm import possible_harm
from perfgate.scaffold.openapi.operations import operations_of, unread
from perfgate.scaffold.openapi.plain_values import NoExampleError
from perfgate.scaffold.openapi.references import References, UnreadError

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
    for method, template, operation in operations_of(document, references, left_out):
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
            left_out.setdefault(unread(error), []).append(name)
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
