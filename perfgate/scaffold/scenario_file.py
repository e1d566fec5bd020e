"""The first scenario, as the text of a Python file."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from perfgate.scaffold.openapi.answers import Pointer
from perfgate.scaffold.openapi.description import Description
from perfgate.scaffold.openapi.login import Login, SignUp
from perfgate.scaffold.openapi.requests import DescribedRequest, Following
from perfgate.scaffold.python_text import Code, literal

NAME = "first_look"
_WIDTH = 100
_MOST_OTHERS = 3
_INDENT = "    "
_FRONT_PAGE = DescribedRequest("GET", "/", "/", None, None, secured=False, guessed=False, health=False, following=())

_HEAD = '''"""{about}"""

from perfgate import User, scenario


@scenario(vus=10, duration="20s", thresholds={{"http_req_failed": ["rate<1%"]}})
def {name}(user: User):
'''
_ON_START = f"""

@{NAME}.on_start
def log_in(user: User):
"""
# Fields that mostly have to be another one for each thing that is made.
_UNIQUE = re.compile(r"(?:user_?name|login|slug|sku|e_?mail|email_?address)", re.IGNORECASE)


def scenario_file(description: Description | None) -> str:
    """A scenario with the requests of a description; without one, a request for the front page."""
    if description is None or not description.requests:
        about = "The first scenario: write down what your users do."
        return _HEAD.format(about=about, name=NAME) + _indented(_lines(_FRONT_PAGE))
    about = f"The first scenario, made of {_shown(description.source)}: write down what your users do."
    lines = [line for request in description.requests for line in _lines(request)]
    login = description.login
    if login is None and any(request.secured for request in description.requests):
        comment = "# These ask for credentials: user.headers and user.auth are as of a requests.Session."
        lines.insert(0, comment)
    if description.others:
        others = ", ".join(map(_shown, description.others[:_MOST_OTHERS]))
        lines.insert(0, f"# CHOOSE: these are of {_shown(description.source)}; others are in {others}.")
    text = _HEAD.format(about=about, name=NAME) + _indented(lines)
    return text if login is None else text + _ON_START + _indented(_login(login))


def _shown(path: PurePosixPath) -> str:
    """A path within a comment or a docstring, of which it ends neither."""
    return "".join(one if one.isprintable() and one not in '"\\\\' else "?" for one in str(path))


def _indented(lines: list[str]) -> str:
    return "".join(f"{_INDENT}{line}\n" if line else "\n" for line in lines)


def _lines(request: DescribedRequest) -> list[str]:
    """A request with its check, and what follows it where it went well."""
    path = json.dumps(request.path)
    lines = _call(request, path, None if request.path == request.template else request.name)
    lines.append(f"user.check({json.dumps(request.name)}, response.ok)")
    if request.following:
        lines.append("if response.ok:")
        inner: list[str] = []
        known: dict[Pointer, str] = {}
        for one in request.following:
            variable = known.get(one.pointer) or _variable(one.parameter)
            if one.pointer not in known:
                known[one.pointer] = variable
                inner.append(f"{variable} = response.json(){_subscripts(one.pointer)}")
        for one in request.following:
            inner += _followed(one, known[one.pointer])
        lines += [f"{_INDENT}{line}" if line else "" for line in inner]
    return lines


def _followed(one: Following, variable: str) -> list[str]:
    request = one.request
    parts = request.path.split(f"{{{one.parameter}}}")
    path = f"{{{variable}}}".join(json.dumps(part)[1:-1].replace("}", "}}") for part in parts)
    return [*_call(request, f'f"{path}"', request.name), f"user.check({json.dumps(request.name)}, response.ok)"]


def _call(request: DescribedRequest, path: str, name: str | None) -> list[str]:
    """The lines of the call that sends a request. path: as Python; name: where its path is no name."""
    arguments = [path]
    if request.params is not None:
        arguments.append(f"params={literal(request.params)}")
    if request.body is not None:
        arguments.append(f"json={literal(_with_unique_values(request.body))}")
    if name is not None:
        arguments.append(f"name={json.dumps(name)}")
    return _called(f"response = user.{request.method.lower()}(", arguments)


def _called(start: str, arguments: list[str]) -> list[str]:
    call = f"{start}{', '.join(arguments)})"
    if len(call) <= _WIDTH and "\n" not in call:
        return [call]
    return [start, *(f"{_INDENT}{line}" for argument in arguments for line in f"{argument},".split("\n")), ")"]


def _variable(parameter: str) -> str:
    """A name for the value of a parameter: "petId" becomes pet_id."""
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", parameter).lower()).strip("_")
    taken = not name.isidentifier() or keyword.iskeyword(name) or name in ("response", "user")
    return f"the_{name}" if taken else name


def _subscripts(pointer: Pointer) -> str:
    return "".join(f"[{json.dumps(name)}]" for name in pointer)


def _with_unique_values(body: Any) -> Any:
    """The body with values of its own for every request where it has an id or a name: a second pet 1 is another thing
    to do, and a second user of the same name is refused.
    """
    if not isinstance(body, Mapping):
        return body
    changed = dict(body)
    if isinstance(body.get("id"), int):
        changed["id"] = Code("user.unique_id()")
    for name, value in body.items():
        if isinstance(value, str) and _UNIQUE.fullmatch(str(name)):
            changed[name] = Code(_unique_text("@" in value))
    return changed


def _unique_text(address: bool) -> str:
    return f'f"user{{user.unique_id()}}{"@example.com" if address else ""}"'


def _login(login: Login) -> list[str]:
    """The lines that get a user its credentials, once."""
    if login.basic:
        return [
            "# CHOOSE: an account that the service knows; `seed` under [service] in perfgate.toml may make it.",
            'user.auth = ("someone", "secret")',
        ]
    if not login.path:
        value = json.dumps(f"{login.prefix}CHOOSE")
        schemes = ", ".join(map(json.dumps, login.schemes))
        made = "`seed` under [service] in perfgate.toml may make it"
        return [
            f"# CHOOSE: a key that the service takes as {schemes}; {made}.",
            f"user.headers[{json.dumps(login.header)}] = {value}",
        ]
    fields = dict(login.fields)
    lines = ["# CHOOSE: an account that the service knows; `seed` under [service] in perfgate.toml may make it."]
    if login.sign_up is not None:
        lines = _sign_up(login.sign_up)
        fields |= {login.name: Code("name"), login.password: _password(login.sign_up)}
    kind = "data" if login.form else "json"
    lines += _called("response = user.post(", [json.dumps(login.path), f"{kind}={literal(fields)}"])
    lines.append("response.raise_for_status()")
    if login.header:
        token = f"response.json(){_subscripts(login.token)}"
        lines += [f"token = {token}"] if login.prefix else []
        value = f'f"{login.prefix}{{token}}"' if login.prefix else token
        lines.append(f"user.headers[{json.dumps(login.header)}] = {value}")
    return lines


def _password(sign_up: SignUp) -> Any:
    return sign_up.body[sign_up.password]


def _sign_up(sign_up: SignUp) -> list[str]:
    """The lines that make an account."""
    body = {**_with_unique_values(sign_up.body), sign_up.name: Code("name")}
    return [
        "# An account for each user. Where much lies in real accounts, let `seed` under [service] in perfgate.toml",
        "# make such ones.",
        f"name = {_unique_text(sign_up.address)}",
        *_called("response = user.post(", [json.dumps(sign_up.path), f"json={literal(body)}"]),
        "response.raise_for_status()",
    ]
