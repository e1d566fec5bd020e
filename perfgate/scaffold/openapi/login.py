"""How the users of a scenario get their credentials, as the security schemes of a description say it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from perfgate.scaffold.documents import mapping, sequence
from perfgate.scaffold.openapi.answers import Pointer, answered_values, first_of, plainly, properties_of
from perfgate.scaffold.openapi.contents import by_media_type, sent_json
from perfgate.scaffold.openapi.examples import Examples
from perfgate.scaffold.openapi.operations import DescribedOperation
from perfgate.scaffold.openapi.plain_values import NoExampleError
from perfgate.scaffold.openapi.references import UnreadError

_LOGS_IN = frozenset(("auth", "authenticate", "login", "session", "sessions", "signin", "token", "tokens"))
_SIGNS_UP = frozenset(("account", "accounts", "register", "registration", "signup", "user", "users"))
_ELSE = frozenset(("forgot", "invite", "logout", "refresh", "reset", "revoke", "signout", "verify"))
_NAMES = ("username", "email", "user", "login", "identifier", "name", "emailaddress", "phone")
_PASSWORDS = ("password", "passwd", "pass", "pwd")
# RFC 6749 calls it access_token; the others are seen elsewhere.
_TOKENS = ("accesstoken", "token", "jwt", "authtoken", "bearertoken", "sessiontoken", "apikey", "idtoken")
_FORM = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class SignUp:
    """The request that makes an account.

    path: below the base of all paths.
    body: to be sent as JSON, with an example of a name and a password.
    name: the field of the body that the login knows as the name.
    password: likewise as the password.
    address: whether the name is an e-mail address.
    """

    path: str
    body: Mapping[str, Any]
    name: str
    password: str
    address: bool


@dataclass(frozen=True)
class Login:
    """How a user gets what secured requests ask for.

    schemes: the names of the security schemes that it serves.
    path: of the request that logs in, below the base; "" where there is none, and a person has to name the key.
    form: whether its fields are sent as a form.
    fields: of the request; those of name and password hold examples.
    name: the field of the name; "" without a request.
    password: the field of the password.
    token: where the answer holds the token; () where the login sets a cookie.
    header: the header that all later requests carry; "" for none.
    prefix: of the header's value: "Bearer ".
    basic: whether name and password go with every request (RFC 7617).
    sign_up: the request that makes an account; None where an account has to be there.
    """

    schemes: tuple[str, ...]
    path: str
    form: bool
    fields: Mapping[str, Any]
    name: str
    password: str
    token: Pointer
    header: str
    prefix: str
    basic: bool
    sign_up: SignUp | None

    @property
    def known(self) -> bool:
        """Whether the description says all that it takes, but for an account."""
        return bool(self.path)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of its own requests."""
        return (self.path, self.sign_up.path) if self.sign_up else (self.path,)

    def opens(self, operation: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
        """Whether the credentials are enough for an operation."""
        return any(set(one) <= set(self.schemes) for one in alternatives(operation, document))


def alternatives(operation: Mapping[str, Any], document: Mapping[str, Any]) -> list[dict[Any, Any]]:
    """What an operation asks for: one of these, each a set of schemes; [] where it is open to everybody."""
    return [mapping(one) for one in sequence(operation.get("security", document.get("security")))]


def is_open(operation: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Whether an operation asks for no credentials."""
    found = alternatives(operation, document)
    return not found or {} in found


def find_login(
    document: Mapping[str, Any], operations: Iterable[DescribedOperation], examples: Examples, base: str
) -> Login | None:
    """The login that opens most operations, one without a request only where there is no other; None for none."""
    try:
        components = examples.resolved(document.get("components"))
        schemes = mapping(examples.resolved(components.get("securitySchemes"))) or mapping(
            document.get("securityDefinitions")
        )
        found = {str(name): examples.resolved(one) for name, one in schemes.items()}
    except UnreadError:
        return None
    asked: Counter[str] = Counter()
    posts: list[DescribedOperation] = []
    for operation in operations:
        if not is_open(operation.raw, document):
            each = alternatives(operation.raw, document)
            asked.update(str(name) for one in each if len(one) == 1 for name in one)
        elif operation.method == "POST" and "{" not in operation.template:
            posts.append(operation)
    request = next(_requests(posts, examples), None)
    logins = []
    for name, count in asked.items():
        login = _login(name, found.get(name, {}), request, posts, examples, base)
        if login is not None:
            logins.append((login.known, count, login))
    return max(logins, key=lambda one: one[:2])[2] if logins else None


@dataclass(frozen=True)
class _Request:
    """A request that logs in, whatever its answer is good for."""

    path: str
    form: bool
    fields: Mapping[str, Any]
    name: str
    password: str
    token: Pointer


def _login(
    name: str,
    scheme: Mapping[str, Any],
    request: _Request | None,
    posts: list[DescribedOperation],
    examples: Examples,
    base: str,
) -> Login | None:
    """How credentials of one scheme are had; None for a scheme that no scenario can serve by itself."""
    header, prefix, cookie, basic = _carried(scheme)
    if not header and not cookie and not basic:
        return None
    own = None if basic else _oauth_request(scheme, posts, base)
    if own is None and request is not None and not basic and (request.token or cookie):
        own = request
    if own is None:
        return None if cookie else Login((name,), "", False, {}, "", "", (), header, prefix, basic, None)
    sign_up = next(_sign_ups(posts, examples, own), None)
    token = () if cookie else own.token
    return Login((name,), own.path, own.form, own.fields, own.name, own.password, token, header, prefix, False, sign_up)


def _carried(scheme: Mapping[str, Any]) -> tuple[str, str, bool, bool]:
    """The header and the prefix of its value, whether it is a cookie instead, whether it is Basic authentication.

    https://spec.openapis.org/oas/v3.1.1.html#security-scheme-object; Swagger 2 has the type basic, and no bearer.
    """
    kind, word = scheme.get("type"), str(scheme.get("scheme")).lower()
    if kind == "basic" or (kind == "http" and word == "basic"):
        return "", "", False, True
    if kind in ("oauth2", "openIdConnect") or (kind == "http" and word == "bearer"):
        return "Authorization", "Bearer ", False, False
    if kind == "apiKey" and scheme.get("in") == "cookie":
        return "", "", True, False
    if kind == "apiKey" and scheme.get("in") == "header" and isinstance(scheme.get("name"), str):
        header = str(scheme["name"])
        return header, "Bearer " if header.lower() == "authorization" else "", False, False
    return "", "", False, False


def _oauth_request(scheme: Mapping[str, Any], posts: list[DescribedOperation], base: str) -> _Request | None:
    """The request of the password flow (RFC 6749, section 4.3), where its URL is one of the service's own."""
    flow = mapping(mapping(scheme.get("flows")).get("password"))
    url = flow.get("tokenUrl") or (scheme.get("tokenUrl") if scheme.get("flow") == "password" else None)
    if not isinstance(url, str):
        return None
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    known = {one.template for one in posts}
    path = f"/{path.lstrip('/')}"
    below = path[len(base) :] if base and path.startswith(f"{base}/") else path
    own = next((one for one in (below, path) if one in known), None)
    if own is None:
        if "://" in url or base:  # elsewhere, or nothing tells where
            return None
        own = path
    fields = {"grant_type": "password", "username": "someone", "password": "secret"}
    return _Request(own, True, fields, "username", "password", ("access_token",))


def _requests(posts: list[DescribedOperation], examples: Examples) -> Iterator[_Request]:
    """The requests that take a name and a password and are called like a login, the plainest first."""
    able = [one for one in posts if one.words & _LOGS_IN and not one.words & (_ELSE | {"register", "signup"})]
    for operation in sorted(able, key=lambda one: not re.search("login|sign-?in|token", one.template.lower())):
        try:
            form, fields = _fields(operation.raw, examples)
            name, password = _first(fields, _NAMES), _first(fields, _PASSWORDS)
            if not name or not password:
                continue
            token = first_of(answered_values(examples, operation.raw), _rank_of_token)
        except NoExampleError:
            continue
        yield _Request(operation.template, form, fields, name, password, token or ())


def _rank_of_token(name: str) -> int | None:
    return _TOKENS.index(plainly(name)) if plainly(name) in _TOKENS else None


def _fields(operation: Mapping[str, Any], examples: Examples) -> tuple[bool, dict[str, Any]]:
    """Whether a login takes a form, and its fields with examples: name, password and what else it requires."""
    content = examples.resolved(operation.get("requestBody")).get("content")
    sent, by_type = sent_json(content), by_media_type(content)
    form = "" if sent else next((one for one in _FORM if one in by_type), "")
    schema: Any = (by_type[form] if form else sent).get("schema")
    parameters = [examples.resolved(one) for one in sequence(operation.get("parameters"))]
    fields = [one for one in parameters if one.get("in") == "formData"]
    if fields:
        named = {str(one.get("name")): one for one in fields}
        schema = {"properties": named, "required": [name for name, one in named.items() if one.get("required")]}
    body = next((one.get("schema") for one in parameters if one.get("in") == "body"), None)
    schema = examples.resolved(schema or body)
    properties = properties_of(examples, schema)
    wanted = {_first(properties, _NAMES), _first(properties, _PASSWORDS), *map(str, sequence(schema.get("required")))}
    return bool(fields or form), {
        str(name): _example(examples, one, str(name)) for name, one in properties.items() if str(name) in wanted
    }


def _example(examples: Examples, schema: Any, name: str) -> Any:
    """What the author wrote, else something that a person recognises as an example."""
    try:
        return examples.written(schema)
    except UnreadError:
        raise
    except NoExampleError:
        if plainly(name) in _PASSWORDS:
            return "secret"
        if plainly(name) in _NAMES:
            return "someone@example.com" if "email" in plainly(name) else "someone"
        return examples.made(schema)


def _first(names: Mapping[str, Any], wanted: tuple[str, ...]) -> str:
    """The first of the names that is one of these; "" for none."""
    found = {plainly(str(name)): str(name) for name in names}
    return next((found[one] for one in wanted if one in found), "")


def _sign_ups(posts: list[DescribedOperation], examples: Examples, login: _Request) -> Iterator[SignUp]:
    """The requests that make an account with the name and the password that the login asks for."""
    for operation in posts:
        if operation.template == login.path or not operation.words & _SIGNS_UP or operation.words & _ELSE:
            continue
        try:
            content = examples.resolved(operation.raw.get("requestBody")).get("content")
            schema = sent_json(content).get("schema")
            if schema is None:
                continue
            body = examples.made(schema)
        except NoExampleError:
            continue
        if not isinstance(body, dict):
            continue
        name = _first(body, (plainly(login.name),)) or _first(body, _NAMES)
        password = _first(body, _PASSWORDS)
        if name and password:
            address = "email" in plainly(name) or "email" in plainly(login.name)
            yield SignUp(operation.template, body, name, password, address)
