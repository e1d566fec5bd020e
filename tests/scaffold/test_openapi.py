"""Requests proposed out of an OpenAPI description."""

import json
from typing import Any

import pytest

from perfgate.scaffold.examples import Examples, NoExampleError
from perfgate.scaffold.openapi import find_description, requests_of
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


def test_a_base_path_is_that_of_the_first_server_with_its_variables(tmp_path):
    server = {"url": "https://{host}/{version}", "variables": {"version": {"default": "v1"}, "host": {"default": "a"}}}
    document = {"openapi": "3.0.0", "servers": [server], "paths": {"/a": {"get": {}}}}
    assert find_description(found(tmp_path, {"openapi.yaml": json.dumps(document)})).base == "/v1"


@pytest.mark.parametrize("text", ["openapi: 3", "openapi: [", "{", "openapi: 3.0.0\npaths: []", "\x00openapi:", ""])
@pytest.mark.parametrize("name", ["openapi.yaml", "openapi.json"])
def test_a_file_that_describes_nothing_is_nothing(tmp_path, name, text):
    assert find_description(found(tmp_path, {name: text})) is None


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
        Examples({"a": schema}).made({"$ref": "#/a"})


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
    assert Examples({}).made(schema) == value


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


def test_half_a_character_is_in_no_request():
    assert [request.path for request in described({"/\ud800": {"get": {}}, "/a": {"get": {}}})] == ["/a"]
