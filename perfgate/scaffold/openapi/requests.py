"""Requests for the first scenario."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote

from perfgate.scaffold.documents import mapping
from perfgate.scaffold.openapi.answers import Pointer
from perfgate.scaffold.openapi.carrying import carried_to
from perfgate.scaffold.openapi.contents import sent_json
from perfgate.scaffold.openapi.examples import Examples
from perfgate.scaffold.openapi.harm import possible_harm
from perfgate.scaffold.openapi.health import is_health_check
from perfgate.scaffold.openapi.login import Login, is_open
from perfgate.scaffold.openapi.operations import DescribedOperation, operations_of, unread
from perfgate.scaffold.openapi.plain_values import NoExampleError
from perfgate.scaffold.openapi.references import References, UnreadError

_MOST_REQUESTS = 5
_MOST_MAKING = 2
_MOST_FOLLOWING = 3


@dataclass(frozen=True)
class Following:
    """A request for something that the request before it has made.

    request: with the parameter still in its path.
    parameter: the name of the parameter: "petId".
    pointer: where its value stands in the answer before.
    """

    request: DescribedRequest
    parameter: str
    pointer: Pointer


@dataclass(frozen=True)
class DescribedRequest:
    """One request of the first scenario.

    method: in capitals.
    path: with example values in it.
    template: the path as the description has it: "/pet/{petId}".
    params: of the query; None for none.
    body: to be sent as JSON; None for none.
    secured: whether it needs credentials.
    guessed: whether optional parameters without a default were left out.
    health: whether it only asks whether the service is there.
    following: requests for what it makes, in their order.
    """

    method: str
    path: str
    template: str
    params: Mapping[str, Any] | None
    body: Any
    secured: bool
    guessed: bool
    health: bool
    following: tuple[Following, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def names(self) -> tuple[str, ...]:
        """Its own name, and those of the requests that follow it."""
        return (self.name, *(one.request.name for one in self.following))


def requests_of(
    document: Mapping[str, Any],
    references: References | None = None,
    say: Callable[[str], None] | None = None,
    login: Login | None = None,
) -> tuple[DescribedRequest, ...]:
    """At most five requests: GETs that need nothing first, then those whose parameters have examples, then POSTs.

    A POST that makes something is followed by what asks for that, and deletes it. Requests that need credentials are
    taken where the login gets them, else only where there is no other. GETs whose parameters were left out, and have no
    default, are taken only where there is no other GET: a description does not say how those are answered. What was not
    read, and what may do harm, is never taken; say takes a line for each reason.
    """
    references = references or References(document)
    examples = Examples(references)
    left_out: dict[str, list[str]] = {}
    operations = _able(document, references, left_out)
    found: list[DescribedRequest] = []
    for one in operations:
        if one.method == "DELETE" or (one.method == "POST" and login is not None and one.template in login.paths):
            continue
        secured = not is_open(one.raw, document)
        try:
            request = _request(examples, one, secured)
            if request is not None and one.method == "POST":
                able = [other for other in operations if secured or is_open(other.raw, document)]
                request = replace(request, following=_following(examples, one, able))
        except UnreadError as error:
            left_out.setdefault(unread(error), []).append(one.name)
            continue
        if request is not None:
            found.append(request)
    for reason, names in left_out.items():
        more = f" and {len(names) - _MOST_REQUESTS} more" if len(names) > _MOST_REQUESTS else ""
        if say is not None:
            say(f"{', '.join(names[:_MOST_REQUESTS])}{more}: {reason}")
    served = [one.name for one in operations if login is not None and login.opens(one.raw, document)]
    return _chosen(found, served, login)


def _able(
    document: Mapping[str, Any], references: References, left_out: dict[str, list[str]]
) -> list[DescribedOperation]:
    """The operations that a first look may send."""
    able = []
    for operation in operations_of(document, references, left_out, ("get", "post", "delete")):
        if operation.raw.get("deprecated"):
            continue
        reason = possible_harm(operation)
        if not reason:
            able.append(operation)
        elif operation.method != "DELETE":
            left_out.setdefault(reason, []).append(operation.name)
    return able


def _chosen(
    found: list[DescribedRequest], served: Collection[str], login: Login | None
) -> tuple[DescribedRequest, ...]:
    """The requests of the scenario out of all that can be sent. served: the names of those that the login opens."""
    plain = [request for request in found if not request.secured]
    able = [request for request in found if not request.secured or request.name in served]
    if login is not None and (login.known or all(request.health for request in plain)):
        plain = able
    chosen = plain or found
    certain = [request for request in chosen if not request.guessed]
    chosen = certain if any(name.startswith("GET ") for one in certain for name in one.names) else chosen
    followed = {name for request in chosen for name in request.names[1:]}
    chosen = sorted((request for request in chosen if request.name not in followed), key=_effort)
    making = [request for request in chosen if request.following][:_MOST_MAKING]
    others = [request for request in chosen if request not in making][: _MOST_REQUESTS - len(making)]
    return tuple(request for request in chosen if request in making or request in others)


def _effort(request: DescribedRequest) -> int:
    if request.health:
        return 3
    if request.method == "GET":
        return 0 if request.path == request.template and request.params is None else 1
    return 2


def _following(
    examples: Examples, making: DescribedOperation, operations: list[DescribedOperation]
) -> tuple[Following, ...]:
    """The requests for what a POST makes: GETs first, at last the DELETE of it. Empty where its answer tells no id."""
    found: list[Following] = []
    for one in operations:
        carried = carried_to(examples, making, one) if one.method != "POST" else None
        if carried is None or (one.method == "DELETE" and not one.template.endswith(f"{{{carried[0]}}}")):
            continue
        try:
            request = _request(examples, one, False, carried[0])
        except UnreadError:
            continue
        if request is not None and (one.method == "DELETE" or not request.guessed):
            found.append(Following(request, *carried))
    found.sort(key=lambda one: (one.request.method == "DELETE", len(one.request.template)))
    gets = [one for one in found if one.request.method == "GET"][: _MOST_FOLLOWING - 1]
    return (*gets, *[one for one in found if one.request.method == "DELETE"][:1])


def _request(
    examples: Examples, operation: DescribedOperation, secured: bool, carried: str = ""
) -> DescribedRequest | None:
    """The request of an operation; None where it needs what nobody gave an example of. UnreadError: see References.

    carried: a parameter of the path that stays in it.
    """
    method, template = operation.method, operation.template
    path, params, body, guessed = template, {}, None, False
    try:
        for parameter in map(examples.resolved, operation.raw["parameters"]):
            place, name = parameter.get("in"), str(parameter.get("name"))
            if place == "body":
                body = examples.made(parameter.get("schema"))
            elif place == "path" and name != carried:
                path = path.replace(f"{{{name}}}", quote(str(_in_url(examples.parameter(parameter))), safe=""))
            elif place == "path":
                continue
            elif parameter.get("required") and place == "query":
                params[name] = _in_url(examples.parameter(parameter))
            elif parameter.get("required") or place == "formData":
                return None
            else:
                guessed = guessed or (place == "query" and method == "GET" and not examples.has_default(parameter))
        content = mapping(examples.resolved(operation.raw.get("requestBody")).get("content"))
        if content:
            body = _body(examples, content)
        _refuse_what_no_request_holds([template, params, body])
    except UnreadError:
        raise
    except ValueError:
        return None
    if "{" in (path.replace(f"{{{carried}}}", "") if carried else path):
        return None
    health = is_health_check(method, template)
    return DescribedRequest(method, path, template, params or None, body, secured, guessed, health, ())


def _in_url(value: Any) -> Any:
    """A value as URLs have it: true, and dates as text."""
    if isinstance(value, list):
        return [_in_url(one) for one in value]
    if isinstance(value, bool):
        return json.dumps(value)
    return value.isoformat() if isinstance(value, date) else value


# Python reads no more than 200 brackets within each other.
_DEEPEST = 50


def _refuse_what_no_request_holds(values: list[Any]) -> None:
    """ValueError for what YAML and JSON can write and a JSON body cannot: bytes, sets, infinity, a value within itself,
    half a character. Dates are written as text.
    """
    try:
        json.dumps(values, allow_nan=False, ensure_ascii=False, skipkeys=True, default=date.isoformat).encode()
    except (TypeError, RecursionError) as error:
        raise NoExampleError from error
    if any(_depth(value) > _DEEPEST for value in values):
        raise NoExampleError


def _depth(value: Any) -> int:
    """How many lists and mappings lie within each other."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _body(examples: Examples, content: Mapping[str, Any]) -> Any:
    media = sent_json(content)
    if not media:
        raise NoExampleError
    try:
        return examples.parameter(media)
    except NoExampleError:
        return examples.made(media.get("schema"))
