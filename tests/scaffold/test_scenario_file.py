"""The scenario that perfgate init writes, played against a service that does what the description says."""

import json
from itertools import count

import pytest
import requests

from perfgate.scaffold.openapi.description import find_description
from perfgate.scaffold.scenario_file import scenario_file
from perfgate.scenario.finding import load_scenarios
from perfgate.scenario.overrides import Overrides
from tests.support.described_server import DescribedService, described_server
from tests.support.newcomers import found

NUMBERS = count(1)


class Person:
    """A user of a scenario, as far as the scenario is concerned."""

    def __init__(self, url):
        self.session, self.base, self.failed, self.names = requests.Session(), url, [], []
        self.headers = self.session.headers

    def get(self, url, **options):
        return self.request("GET", url, **options)

    def post(self, url, **options):
        return self.request("POST", url, **options)

    def delete(self, url, **options):
        return self.request("DELETE", url, **options)

    def request(self, method, url, name=None, **options):
        self.names.append(name or f"{method} {url}")
        return self.session.request(method, f"{self.base}{url}", **options)

    def check(self, name, held):
        if not held:
            self.failed.append(name)

    def unique_id(self):
        return next(NUMBERS)


def content(schema):
    return {"content": {"application/json": {"schema": schema}}}


def textual(*names):
    return {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}


def operation(body=None, answer=None, **rest):
    made = {"responses": {"200": content(answer) if answer else {}}, **rest}
    return {**made, "requestBody": content(body)} if body else made


PARAMETER = {"name": "itemId", "in": "path", "required": True, "schema": {"type": "integer"}}
ITEM = {"type": "object", "properties": {"id": {"type": "integer", "readOnly": False}, "name": {"type": "string"}}}
ITEMS = {
    "/items": {"get": operation(), "post": operation(textual("name"), ITEM)},
    "/items/{itemId}": {"parameters": [PARAMETER], "get": operation(), "delete": operation()},
}
TOKEN = textual("access_token", "token_type")
BEARER = {"type": "http", "scheme": "bearer"}
FORM = {"content": {"application/x-www-form-urlencoded": {"schema": textual("username", "password")}}}
OPEN = {"security": []}


def document(scheme, paths):
    schemes = {"securitySchemes": {"main": scheme}} if scheme else {}
    asked = {"security": [{"main": []}]} if scheme else {}
    return {"openapi": "3.1.0", "paths": {**ITEMS, **paths}, "components": schemes, **asked}


def written(folder, description):
    """The text of the scenario, and the scenario."""
    text = scenario_file(find_description(found(folder, {"openapi.json": description})))
    (folder / "scenarios").mkdir()
    (folder / "scenarios/first_look.py").write_text(text)
    (scenario,) = load_scenarios(folder / "scenarios", (), Overrides())
    return text, scenario


def played(scenario, service, times=2):
    with described_server(service) as url:
        person = Person(url)
        if scenario.on_start_function:
            scenario.on_start_function(person)
        for _ in range(times):
            scenario(person)
    return person


def test_an_id_is_carried_from_the_answer_to_the_requests_that_need_it(tmp_path):
    _, scenario = written(tmp_path, document(None, {}))
    service = DescribedService(document(None, {}))
    person = played(scenario, service)
    assert person.failed == []
    once = ["GET /items", "POST /items", "GET /items/{itemId}", "DELETE /items/{itemId}"]
    assert person.names == once * 2
    assert service.things == {}
    assert {status for _, _, status in service.log} <= {200, 201}


LOGIN = operation(textual("email", "password"), {"type": "object", "properties": {"data": TOKEN}}, **OPEN)
SIGN_UP = operation(textual("email", "password", "name"), **OPEN)
FLOWS = {"type": "oauth2", "flows": {"password": {"tokenUrl": "auth/token", "scopes": {}}}}


@pytest.mark.parametrize(
    ("scheme", "paths", "options"),
    [
        (BEARER, {"/auth/login": {"post": LOGIN}, "/users": {"post": SIGN_UP}}, {"name": "email"}),
        (FLOWS, {"/auth/token": {"post": {"requestBody": FORM, **OPEN}}, "/signup": {"post": SIGN_UP}}, {}),
        (
            {"type": "apiKey", "in": "header", "name": "X-Token"},
            {"/auth/login": {"post": LOGIN}, "/users/sign-up": {"post": SIGN_UP}},
            {"name": "email"},
        ),
        (
            {"type": "apiKey", "in": "cookie", "name": "session"},
            {
                "/auth/login": {"post": operation(textual("username", "password"), **OPEN)},
                "/register": {"post": operation(textual("username", "password"), **OPEN)},
            },
            {},
        ),
    ],
    ids=["bearer", "oauth2", "api-key", "cookie"],
)
def test_a_user_signs_up_and_logs_in_once_and_sends_what_it_got(tmp_path, scheme, paths, options):
    description = document(scheme, paths)
    if scheme is FLOWS:
        description["paths"]["/auth/token"]["post"]["responses"] = {"200": content(TOKEN)}
    text, scenario = written(tmp_path, description)
    names = list(paths)
    service = DescribedService(description, login=names[0], sign_up=names[1], **options)
    person = played(scenario, service)
    assert person.failed == []
    assert [name for name in person.names if name.startswith("POST /")].count(f"POST {names[0]}") == 1
    assert person.names[:2] == [f"POST {names[1]}", f"POST {names[0]}"]
    assert person.names[2:] == ["GET /items", "POST /items", "GET /items/{itemId}", "DELETE /items/{itemId}"] * 2
    assert "CHOOSE" not in text
    assert played(scenario, service).failed == []  # another user, with an account of its own


@pytest.mark.parametrize("media_type", ["*/*", "application/json;charset=UTF-8"])
def test_json_of_any_media_type_is_json(tmp_path, media_type):
    paths = {"/auth/login": {"post": LOGIN}, "/users": {"post": SIGN_UP}}
    text = json.dumps(document(BEARER, paths)).replace("application/json", media_type)
    _, scenario = written(tmp_path, json.loads(text))
    service = DescribedService(document(BEARER, paths), login="/auth/login", sign_up="/users", name="email")
    person = played(scenario, service)
    assert person.failed == []
    assert person.names[:2] == ["POST /users", "POST /auth/login"]
    assert person.names[2:] == ["GET /items", "POST /items", "GET /items/{itemId}", "DELETE /items/{itemId}"] * 2


def test_without_a_request_that_makes_accounts_the_account_is_marked(tmp_path):
    description = document(BEARER, {"/auth/login": {"post": LOGIN}})
    text, scenario = written(tmp_path, description)
    (line,) = [line.strip() for line in text.splitlines() if "CHOOSE" in line]
    assert line == "# CHOOSE: an account that the service knows; `seed` under [service] in perfgate.toml may make it."
    service = DescribedService(description, login="/auth/login", name="email")
    with pytest.raises(requests.HTTPError, match="401"):
        played(scenario, service)
    service.accounts["someone@example.com"] = "secret"
    assert played(scenario, service).failed == []


@pytest.mark.parametrize(
    ("scheme", "sets"),
    [
        (BEARER, 'user.headers["Authorization"] = "Bearer CHOOSE"'),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, 'user.headers["X-Key"] = "CHOOSE"'),
        ({"type": "http", "scheme": "basic"}, 'user.auth = ("someone", "secret")'),
    ],
)
def test_a_key_that_no_request_gives_is_marked(tmp_path, scheme, sets):
    text, scenario = written(tmp_path, document(scheme, {}))
    assert sets in text
    assert text.count("# CHOOSE: ") == 1
    if scheme.get("scheme") != "basic":
        service = DescribedService(document(scheme, {}))
        service.keys = {"CHOOSE"}
        assert played(scenario, service).failed == []


def test_where_requests_are_open_a_key_that_nobody_gave_is_not_asked_for(tmp_path):
    text, scenario = written(tmp_path, document(BEARER, {"/open": {"get": operation(**OPEN)}}))
    assert scenario.on_start_function is None
    assert "items" not in text


def test_of_a_health_check_and_a_secured_interface_the_interface_is_taken(tmp_path):
    text, _ = written(tmp_path, document(BEARER, {"/healthz": {"get": operation(**OPEN)}}))
    assert text.index("/items") < text.index("/healthz")


def test_names_that_break_the_line_break_nothing(tmp_path):
    description = document(None, {})
    description["security"] = [{"a\nb": []}]
    description["components"] = {"securitySchemes": {"a\nb": {"type": "http", "scheme": "bearer"}}}
    written(tmp_path, description)


@pytest.mark.parametrize("name", ['item"Id', "item Id", "itemÄd\\"])
def test_strange_names_of_parameters_are_python_too(tmp_path, name):
    parameter = {**PARAMETER, "name": name}
    template = f"/items/{{{name}}}/}}x"
    paths = {template: {"parameters": [parameter], "get": operation()}}
    reference = f"#/paths/{template.replace('/', '~1')}/get"
    link = {"operationRef": reference, "parameters": {name: "$response.body#/id"}}
    made = operation(textual("name"), ITEM)
    made["responses"]["200"]["links"] = {"its": link}
    description = document(None, {**paths, "/items": {"post": made}})
    del description["paths"]["/items/{itemId}"]
    text, _ = written(tmp_path, description)
    assert "/}}x" in text


@pytest.mark.parametrize("name", ['a"""openapi.json', "a\\Nopenapi.json", "a\nopenapi.json"])
def test_strange_names_of_files_are_python_too(tmp_path, name):
    (tmp_path / "scenarios").mkdir()
    description = find_description(found(tmp_path, {name: document(None, {}), "more-openapi.json": document(None, {})}))
    (tmp_path / "scenarios/first_look.py").write_text(scenario_file(description))
    assert load_scenarios(tmp_path / "scenarios", (), Overrides())


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\x1c"])
def test_marks_that_end_a_line_elsewhere_end_none_of_a_scenario(tmp_path, mark):
    body = content({"example": {"note": f"a{mark}b" * 40, "more": [1]}})
    text, _ = written(tmp_path, document(None, {"/items": {"post": {**operation(), "requestBody": body}}}))
    compile(text, "items.py", "exec")
