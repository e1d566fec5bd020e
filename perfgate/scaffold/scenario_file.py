"""The first scenario, as the text of a Python file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from perfgate.scaffold.openapi import DescribedRequest, Description

NAME = "first_look"
_WIDTH = 100
_MOST_OTHERS = 3
_WIDEST_VALUE = 80
_INDENT = "    "

_HEAD = '''"""{about}"""

from perfgate import User, scenario


@scenario(vus=10, duration="20s", thresholds={{"http_req_failed": ["rate<1%"]}})
def {name}(user: User):
'''


def scenario_file(description: Description | None) -> str:
    """A scenario with the requests of a description; without one, a request for the front page."""
    if description is None or not description.requests:
        about = "The first scenario: write down what your users do."
        lines = _lines(DescribedRequest("GET", "/", "/", None, None, secured=False, guessed=False))
    else:
        about = f"The first scenario, made of {description.source}: write down what your users do."
        lines = [line for request in description.requests for line in _lines(request)]
        if any(request.secured for request in description.requests):
            comment = "# These ask for credentials: user.headers and user.auth are as of a requests.Session."
            lines.insert(0, comment)
        if description.others:
            others = ", ".join(map(str, description.others[:_MOST_OTHERS]))
            lines.insert(0, f"# CHOOSE: these are of {description.source}; others are in {others}.")
    return _HEAD.format(about=about, name=NAME) + "".join(f"{_INDENT}{line}\n" if line else "\n" for line in lines)


def _lines(request: DescribedRequest) -> list[str]:
    arguments = [json.dumps(request.path)]
    if request.params is not None:
        arguments.append(f"params={literal(request.params)}")
    if request.body is not None:
        arguments.append(f"json={literal(_with_unique_id(request.body))}")
    if request.path != request.template:
        arguments.append(f"name={json.dumps(request.name)}")
    start = f"response = user.{request.method.lower()}("
    call = [f"{start}{', '.join(arguments)})"]
    if len(call[0]) > _WIDTH:
        call = [start, *(f"{_INDENT}{line}" for argument in arguments for line in f"{argument},".splitlines()), ")"]
    return [*call, f"user.check({json.dumps(request.name)}, response.ok)"]


class _Code(str):
    """Text that is Python already."""


def _with_unique_id(body: Any) -> Any:
    """The body with a number of its own for every request, where it has one: a second pet 1 is another thing to do."""
    if not isinstance(body, Mapping) or not isinstance(body.get("id"), int):
        return body
    return {**body, "id": _Code("user.unique_id()")}


def literal(value: Any) -> str:
    """A plain value as Python, in lines that are not too long, with double quotes; dates, which YAML knows, as text."""
    return "\n".join(_literal(value))


def _literal(value: Any) -> list[str]:
    """The lines of a value, on one where that is short enough."""
    if isinstance(value, Mapping):
        items = [
            [f"{_scalar(str(key))}: {first}", *rest] for key, one in value.items() for first, *rest in [_literal(one)]
        ]
        return _block("{", items, "}")
    if isinstance(value, (list, tuple)):
        return _block("[", [_literal(one) for one in value], "]")
    return [_scalar(value)]


def _block(opening: str, items: list[list[str]], closing: str) -> list[str]:
    joined = f"{opening}{', '.join(' '.join(item) for item in items)}{closing}"
    if len(joined) <= _WIDEST_VALUE and all(len(item) == 1 for item in items):
        return [joined]
    inner = [f"{_INDENT}{line}" for item in items for line in (*item[:-1], f"{item[-1]},")]
    return [opening, *inner, closing]


def _scalar(value: Any) -> str:
    if isinstance(value, _Code):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    return repr(value)
