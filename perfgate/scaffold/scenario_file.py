"""The first scenario, as the text of a Python file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from perfgate.scaffold.openapi.description import Description
from perfgate.scaffold.openapi.requests import DescribedRequest
from perfgate.scaffold.python_text import Code, literal

NAME = "first_look"
_WIDTH = 100
_MOST_OTHERS = 3
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


def _with_unique_id(body: Any) -> Any:
    """The body with a number of its own for every request, where it has one: a second pet 1 is another thing to do."""
    if not isinstance(body, Mapping) or not isinstance(body.get("id"), int):
        return body
    return {**body, "id": Code("user.unique_id()")}
