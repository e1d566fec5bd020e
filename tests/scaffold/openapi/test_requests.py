"""Requests proposed out of an OpenAPI description."""

import json
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from perfgate.scaffold.openapi.description import find_description
from perfgate.scaffold.openapi.examples import Examples
from perfgate.scaffold.openapi.plain_values import NoExampleError
from perfgate.scaffold.openapi.references import References
from perfgate.scaffold.openapi.requests import requests_of
from tests.support.newcomers import PETSTORE, found


def described(paths, **rest):
    return requests_of({"openapi": "3.1.0", "paths": paths, **rest})


def test_gets_without_parameters_come_first_then_those_with_examples_then_posts():
    assert [request.name for request in requests_of(PETSTORE)] == [
        "GET /store/inventory",
        "GET /pet/findByStatus",
        "POST /pet",
    ]


def test_a_body_is_made_of_what_its_schema_says():
    pet = requests_of(PETSTORE)[-1].body
    assert pet["name"] == "doggie"
    assert pet["photoUrls"] == ["text"]
    assert pet["born"] == "2026-01-31"


def test_an_example_of_the_author_is_taken_before_one_that_is_made():
    media = {"example": {"name": "Rex"}, "schema": {"type": "object", "properties": {"name": {"type": "string"}}}}
    (request,) = described({"/pet": {"post": {"requestBody": {"content": {"application/json": media}}}}})
    assert request.body == {"name": "Rex"}


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        ({"application/json;charset=UTF-8": "a"}, "a"),
        ({"*/*": "any", "Application/JSON; charset=utf-8": "a"}, "a"),
        ({"*/*": "any"}, "any"),
        ({"application/xml": "x", "application/*": "any"}, "any"),
        ({"application/vnd.api+json": "a"}, None),
        ({"text/plain": "x"}, None),
    ],
)
def test_a_body_is_sent_where_the_service_takes_json(content, sent):
    body = {"content": {kind: {"example": {"name": name}} for kind, name in content.items()}}
    assert [request.body for request in described({"/pet": {"post": {"requestBody": body}}})] == (
        [{"name": sent}] if sent else []
    )


def test_a_path_parameter_with_an_example_is_filled_in_and_the_request_keeps_its_name():
    parameter = {"name": "id", "in": "path", "required": True, "example": "a b"}
    (request,) = described({"/pet/{id}": {"get": {"parameters": [parameter]}}})
    assert (request.path, request.name) == ("/pet/a%20b", "GET /pet/{id}")


def test_requests_that_need_credentials_are_taken_only_where_there_are_no_others():
    secured: dict[str, Any] = {"/a": {"get": {"security": [{"key": []}]}}}
    assert [request.secured for request in described(secured)] == [True]
    assert [request.path for request in described({**secured, "/b": {"get": {}}})] == ["/b"]
    assert [request.secured for request in described({"/c": {"get": {"security": []}}}, security=[{"key": []}])] == [
        False
    ]


def test_gets_whose_parameters_were_left_out_are_taken_only_where_there_are_no_others():
    guessed = {"/search": {"get": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}]}}}
    assert [request.path for request in described(guessed)] == ["/search"]
    assert [request.path for request in described({**guessed, "/b": {"get": {}}})] == ["/b"]


LIST = {"parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}]}
MAKE = {"requestBody": {"content": {"application/json": {"example": {"name": "Rex"}}}}}


def test_a_post_alone_is_no_scenario_where_there_is_a_get_at_all():
    assert [request.name for request in described({"/pets": {"get": LIST, "post": MAKE}})] == [
        "GET /pets",
        "POST /pets",
    ]


def test_a_get_is_certain_where_all_that_was_left_out_has_a_default():
    paged = {"parameters": [{"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}}]}
    requests = described({"/pets": {"get": paged, "post": MAKE}, "/search": {"get": LIST}})
    assert [request.name for request in requests] == ["GET /pets", "POST /pets"]


def test_a_parameter_that_is_left_out_need_not_be_read():
    elsewhere = {"parameters": [{"name": "page", "in": "query", "schema": {"$ref": "gone.yaml#/Page"}}]}
    assert [request.name for request in described({"/pets": {"get": elsewhere}})] == ["GET /pets"]


@pytest.mark.parametrize(
    "operation",
    [
        {"deprecated": True},
        {"parameters": [{"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}]},
        {"parameters": [{"name": "X-Key", "in": "header", "required": True, "example": "1"}]},
        {"requestBody": {"content": {"application/xml": {"example": "<a/>"}}}},
    ],
)
def test_what_needs_something_that_nobody_gave_is_left_out(operation):
    assert described({"/a": {"get": operation, "post": operation}}) == ()


def test_swagger_2_is_understood(tmp_path):
    swagger = {
        "swagger": "2.0",
        "basePath": "/v2/",
        "paths": {
            "/pet": {
                "post": {
                    "parameters": [{"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}],
                }
            }
        },
        "definitions": {"Pet": {"properties": {"age": {"type": "integer", "minimum": 3}}}},
    }
    description = find_description(found(tmp_path, {"docs/api.json": swagger}))
    assert description.base == "/v2"
    assert [request.body for request in description.requests] == [{"age": 3}]


def test_gets_of_swagger_2_are_proposed_beside_its_posts(tmp_path):
    swagger = {
        "swagger": "2.0",
        "paths": {
            "/pets": {
                "get": {"parameters": [{"name": "limit", "in": "query", "type": "integer", "default": 20}]},
                "post": {"parameters": [{"name": "body", "in": "body", "schema": {"type": "object"}}]},
            },
            "/pets/{id}": {
                "get": {
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "type": "integer", "x-example": 7},
                        {"name": "fields", "in": "query", "type": "string"},
                    ]
                }
            },
            "/pets/{id}/toys": {
                "get": {
                    "parameters": [{"name": "id", "in": "path", "required": True, "type": "integer", "x-example": 7}]
                }
            },
        },
    }
    description = find_description(found(tmp_path, {"swagger.json": swagger}))
    assert [f"{request.method} {request.path}" for request in description.requests] == [
        "GET /pets",
        "GET /pets/7/toys",
        "POST /pets",
    ]


def test_a_base_path_is_that_of_the_first_server_with_its_variables(tmp_path):
    server = {"url": "https://{host}/{version}", "variables": {"version": {"default": "v1"}, "host": {"default": "a"}}}
    document = {"openapi": "3.0.0", "servers": [server], "paths": {"/a": {"get": {}}}}
    assert find_description(found(tmp_path, {"openapi.yaml": json.dumps(document)})).base == "/v1"


@pytest.mark.parametrize("text", ["openapi: 3", "openapi: [", "{", "openapi: 3.0.0\npaths: []", "\x00openapi:", ""])
@pytest.mark.parametrize("name", ["openapi.yaml", "openapi.json"])
def test_a_file_that_describes_nothing_is_nothing(tmp_path, name, text):
    assert find_description(found(tmp_path, {name: text})) is None


@pytest.mark.parametrize("name", ["openapi.yaml", "swagger.yml", "docs/api.yaml", "openapi.json", "docs/api.json"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_with_sorted_keys_describes_what_it_describes(tmp_path, name, indent):
    """The keys `components` and `definitions` come before `openapi` and `swagger`, with all schemas in them."""
    schemas = {f"Pet{number}": {"type": "object", "description": "a" * 80} for number in range(100)}
    document = {"openapi": "3.1.0", "components": {"schemas": schemas}, "paths": {"/a": {"get": {}}}}
    json_text = json.dumps(document, sort_keys=True, indent=indent)
    text = json_text if name.endswith("json") else yaml.dump(document, default_flow_style=indent is None)
    assert [one.path for one in find_description(found(tmp_path, {name: text})).requests] == ["/a"]


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("components: {a: b}", "openapi or swagger"),
        ("a:\n  openapi: 3", "openapi or swagger"),
        ("openapi: 3.1.0\nwebhooks: {a: {}}", "paths"),
    ],
)
def test_a_file_that_is_called_so_and_describes_nothing_is_told(tmp_path, text, lacking):
    said = []
    assert find_description(found(tmp_path, {"openapi.yaml": text, "api.yaml": text}, say=said.append)) is None
    assert said == [f"openapi.yaml is called like a description of an interface and has no {lacking} at its top"]


def _levels(level: Any) -> dict[str, Any]:
    """Schemas of which each refers to the next one. level: of a reference to that."""
    return {f"s{number}": level({"$ref": f"#/s{number + 1}"}) for number in range(6)} | {"s6": {"type": "integer"}}


def _parts_of(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_parts_of, inner))


def test_a_value_of_schemas_that_refer_to_many_has_an_end():
    schemas = _levels(lambda further: {"properties": {f"p{number}": further for number in range(20)}})
    assert _parts_of(Examples(References(schemas)).made({"$ref": "#/s0"})) < 5_000


def test_a_value_of_many_items_of_many_items_has_an_end():
    schemas = _levels(lambda further: {"type": "array", "minItems": 20, "items": further})
    with pytest.raises(NoExampleError):
        Examples(References(schemas)).made({"$ref": "#/s0"})


def test_a_long_value_leaves_room_for_the_next():
    schemas = _levels(lambda further: {"properties": {f"p{number}": further for number in range(20)}})
    examples = Examples(References(schemas))
    examples.made({"$ref": "#/s0"})
    assert examples.made({"properties": {"a": {"type": "integer"}}}) == {"a": 1}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/a"},
        {"allOf": [{"$ref": "#/a"}]},
        {"type": "array", "minItems": 1, "items": {"$ref": "#/a"}},
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/a"}}},
        {"$ref": "https://example.com/schema.json"},
        {"type": "unheard of"},
        {"type": {"a": 1}},
        {"type": [["a"]]},
    ],
)
def test_a_schema_without_an_end_or_without_a_type_has_no_example(schema):
    with pytest.raises(NoExampleError):
        Examples(References({"a": schema})).made({"$ref": "#/a"})


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": ["null", "boolean"]}, True),
        ({"type": "string", "format": "email"}, "someone@example.com"),
        (
            {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"const": 2}}}]},
            {"a": 1, "b": 2},
        ),
        ({"oneOf": [{"type": "number"}, {"type": "string"}]}, 1.0),
        ({"properties": {"a": {"readOnly": True, "type": "string"}}}, {}),
    ],
)
def test_an_example_is_the_plainest_that_fits(schema, value):
    assert Examples(References({})).made(schema) == value


@pytest.mark.parametrize(
    ("written", "base"), [("v2", "/v2"), ("/ [http]", ""), ("/\x7f", ""), ("/café", ""), ("/{v}", ""), ("/", "")]
)
def test_a_base_path_is_one_that_a_request_can_have(tmp_path, written, base):
    swagger = {"swagger": "2.0", "basePath": written, "paths": {"/a": {"get": {}}}}
    assert find_description(found(tmp_path, {"swagger.json": swagger})).base == base


def test_a_server_whose_address_is_no_url_is_no_base(tmp_path):
    repository = found(tmp_path, {"openapi.json": {**PETSTORE, "servers": [{"url": "http://[pets/api"}]}})
    assert find_description(repository).base == ""


@pytest.mark.parametrize("example", [".nan", ".inf", "!!binary aGk=", "!!set {a, b}", "&same [*same]"])
def test_an_example_that_no_request_can_hold_is_none(tmp_path, example):
    description = f"""
openapi: 3.0.0
paths:
  /dated: {{post: {{requestBody: {{content: {{application/json: {{example: {{at: 2026-01-31}}}}}}}}}}}}
  /odd: {{post: {{requestBody: {{content: {{application/json: {{example: [{example}]}}}}}}}}}}
"""
    requests = find_description(found(tmp_path, {"openapi.yaml": description})).requests
    assert [request.path for request in requests] == ["/dated"]


@pytest.mark.parametrize(
    ("schema", "written", "sent"),
    [
        ("string", "12345", "12345"),
        ("string", "0123456", "0123456"),
        ("string", "08", "08"),
        ("string", "NO", "NO"),
        ("string", "on", "on"),
        ("string", "12:30", "12:30"),
        ("string", "1.10", "1.10"),
        ("string", "1_000", "1_000"),
        ("string", "2017-07-21T17:32:28Z", "2017-07-21T17:32:28Z"),
        ("string", "true", "true"),
        ("string", "0x1F", "0x1F"),
        ("string", ".inf", ".inf"),
        ("integer", "12345", 12345),
        ("integer", "0123", 123),
        ("integer", "0o17", 15),
        ("number", "1.10", 1.1),
        ("number", "-2e3", -2000.0),
        ("boolean", "true", True),
        ("boolean", "FALSE", False),
    ],
)
def test_an_example_in_yaml_is_what_its_schema_and_version_1_2_say(tmp_path, schema, written, sent):
    description = f"""
openapi: 3.0.0
paths:
  /of/{{it}}:
    get: {{parameters: [{{name: it, in: path, required: true, schema: {{type: {schema}, example: {written}}}}}]}}
    post:
      parameters: [{{name: it, in: path, required: true, example: 1}}]
      requestBody:
        content:
          application/json:
            schema: {{allOf: [{{properties: {{own: {{type: {schema}}}}}}}], properties: {{one: {{type: {schema}}}}},
                     additionalProperties: {{type: {schema}}}}}
            example: {{own: {written}, one: {written}, other: {written}}}
"""
    get, post = find_description(found(tmp_path, {"openapi.yaml": description})).requests
    assert [repr(one) for one in post.body.values()] == [repr(sent)] * 3
    text = sent if isinstance(sent, str) else json.dumps(sent)
    assert get.path == f"/of/{quote(text, safe='')}"


def test_choices_and_bounds_in_yaml_are_of_version_1_2(tmp_path):
    description = """
openapi: 3.0.0
paths:
  /a:
    get:
      parameters:
        - {name: country, in: query, required: true, schema: {type: string, enum: [NO, SE]}}
        - {name: all, in: query, required: true, schema: {type: boolean, default: true}}
    post: &post
      requestBody: {content: {application/json: {schema: {type: number, minimum: 1.50}}}}
  /b: {post: {<<: *post}}
"""
    get, *posts = find_description(found(tmp_path, {"openapi.yaml": description})).requests
    assert get.params == {"country": "NO", "all": "true"}
    assert [post.body for post in posts] == [1.5, 1.5]


def test_half_a_character_is_in_no_request():
    assert [request.path for request in described({"/\ud800": {"get": {}}, "/a": {"get": {}}})] == ["/a"]


# What stands in other files


def described_in(folder, files):
    """The requests of the description in these files, and what is said of those that were left out."""
    said = []
    description = find_description(found(folder, files, say=said.append))
    return [request.name for request in description.requests], said


def openapi(paths):
    return {"openapi": "3.0.3", "paths": paths}


def test_an_operation_in_another_file_is_read_there(tmp_path):
    operation = {"requestBody": {"content": {"application/json": {"schema": {"$ref": "../schemas.json#/Pet"}}}}}
    files = {
        "openapi.json": openapi({"/pet": {"post": {"$ref": "paths/pet.json"}}, "/pets": {"$ref": "paths/pets.json"}}),
        "paths/pet.json": operation,
        "paths/pets.json": {"get": {}},
        "schemas.json": {"Pet": {"properties": {"owner": {"$ref": "#/Owner"}}}, "Owner": {"example": {"name": "Ann"}}},
    }
    description = find_description(found(tmp_path, files))
    assert [request.name for request in description.requests] == ["GET /pets", "POST /pet"]
    assert description.requests[-1].body == {"owner": {"name": "Ann"}}


def test_what_an_operation_in_another_file_needs_counts(tmp_path):
    needs = {"parameters": [{"name": "account", "in": "query", "required": True, "schema": {"type": "string"}}]}
    files = {"openapi.json": openapi({"/a": {"get": {"$ref": "a.json"}}, "/b": {"get": {}}}), "a.json": needs}
    assert described_in(tmp_path, files)[0] == ["GET /b"]


@pytest.mark.parametrize(
    "place",
    [
        {"get": {"$ref": "gone.json"}},
        {"$ref": "gone.json"},
        {"get": {"parameters": [{"$ref": "gone.json"}]}},
        {"parameters": [{"$ref": "gone.json"}], "get": {}},
    ],
)
@pytest.mark.parametrize(
    "reference", ["gone.json", "../gone.json", "https://example.com/a.json", "#/gone", "gone.json#/a"]
)
def test_a_request_whose_needs_were_not_read_is_never_proposed_and_named(tmp_path, place, reference):
    paths = json.loads(json.dumps({"/a": place}).replace("gone.json", reference)) | {"/b": {"get": {}}}
    names, said = described_in(tmp_path, {"openapi.json": openapi(paths)})
    assert names == ["GET /b"]
    (line,) = said
    assert line.startswith("openapi.json: ")
    assert "/a: what it needs stands in " in line


@pytest.mark.parametrize("reference", ["#/paths/~1a", "#/loop", "#/loop/further"])
def test_references_that_lead_to_themselves_end(tmp_path, reference):
    document = openapi({"/a": {"$ref": reference}, "/b": {"get": {}}}) | {"loop": {"$ref": "#/loop/further"}}
    assert described_in(tmp_path, {"openapi.json": document})[0] == ["GET /b"]


def test_a_file_that_holds_itself_ends(tmp_path):
    files = {"openapi.json": openapi({"/a": {"$ref": "a.yaml"}, "/b": {"get": {}}}), "a.yaml": "&a {get: {x: *a}}"}
    assert described_in(tmp_path, files)[0] == ["GET /a", "GET /b"]


# What a first look does not send

BODY = {"requestBody": {"content": {"application/json": {"example": {}}}}}


@pytest.mark.parametrize(
    "paths",
    [
        {"/wipe": {"post": BODY}},
        {"/cache/flush": {"post": BODY}},
        {"/users": {"post": {**BODY, "operationId": "deleteUsers"}}},
        {"/user/logout": {"get": {}}},
        {"/restart": {"post": BODY}},
        {"/jobs": {"post": {}}},
        {"/jobs": {"post": {"parameters": [{"name": "a", "in": "query", "required": True, "example": 1}]}}},
        {"/pet": {"post": {"parameters": [{"name": "name", "in": "formData", "type": "string"}]}}},
    ],
)
def test_what_may_do_harm_is_not_proposed(paths):
    said = []
    requests = requests_of({"openapi": "3.0.3", "paths": {**paths, "/b": {"get": {}}}}, say=said.append)
    assert [request.name for request in requests] == ["GET /b"]


def test_why_something_is_left_out_is_said_once_for_all():
    said = []
    requests_of({"paths": {f"/wipe/{number}": {"post": BODY} for number in range(7)}}, say=said.append)
    assert said == ["POST /wipe/0, POST /wipe/1, POST /wipe/2, POST /wipe/3, POST /wipe/4 and 2 more: it may do harm"]


# Which of several files


def test_the_description_beside_the_service_is_taken_and_others_are_named(tmp_path):
    files = {name: openapi({f"/{name[0]}": {"get": {}}}) for name in ("a/openapi.json", "b/openapi.json")}
    said = []
    repository = found(tmp_path, {**files, "tests/openapi.json": openapi({"/t": {"get": {}}})}, say=said.append)
    near = PurePosixPath("b/Dockerfile")
    description = find_description(repository, near)
    assert (str(description.source), list(map(str, description.others))) == ("b/openapi.json", ["a/openapi.json"])
    assert said == [
        "a/openapi.json describes an interface, too; b/openapi.json is taken",
        "tests/openapi.json describes an interface, too; b/openapi.json is taken",
    ]


@pytest.mark.parametrize(
    ("paths", "base", "ready"),
    [
        ({"/healthz": {"get": {}}}, "", "/healthz"),
        ({"/status/health": {"get": {}}, "/ready": {"get": {}}}, "/api", "/api/ready"),
        ({"/health": {"get": {"security": [{"key": []}]}}}, "", ""),
        ({"/health": {"get": {"parameters": [{"name": "a", "in": "query", "required": True}]}}}, "", ""),
        ({"/health": {"post": {}}, "/{id}/health": {"get": {}}}, "", ""),
    ],
)
def test_a_get_that_is_called_like_a_health_check_says_when_it_is_ready(tmp_path, paths, base, ready):
    document = openapi(paths) | ({"servers": [{"url": f"https://example.com{base}"}]} if base else {})
    assert find_description(found(tmp_path, {"openapi.json": document})).ready == ready


def test_a_body_that_is_nested_deeper_than_python_reads_is_not_taken():
    example: Any = 1
    for _ in range(300):
        example = [example]
    media = {"example": example}
    assert list(described({"/pet": {"post": {"requestBody": {"content": {"application/json": media}}}}})) == []
