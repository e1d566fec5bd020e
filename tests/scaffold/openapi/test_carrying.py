"""Ids carried from an answer to the requests that need them."""

import pytest

from perfgate.scaffold.openapi.requests import requests_of


def content(schema):
    return {"content": {"application/json": {"schema": schema}}}


def typed(kind="object", **properties):
    return {"type": kind, "properties": properties}


NUMBER = {"type": "integer"}
PET = typed(name={"type": "string"})


def described(answer, path="/pets/{petId}", parameter="petId", method="get", **rest):
    """The POST of two operations, the second with a parameter in its path."""
    parameters = [{"name": parameter, "in": "path", "required": True, "schema": NUMBER}]
    making = {"requestBody": content(PET), "responses": {"201": answer}}
    paths = {"/pets": {"post": making}, path: {method: {"parameters": parameters, **rest}}}
    (request,) = requests_of({"openapi": "3.1.0", "paths": paths})
    return request


@pytest.mark.parametrize(
    ("answer", "parameter", "pointer"),
    [
        (typed(id=NUMBER), "petId", ("id",)),
        (typed(id=NUMBER), "id", ("id",)),
        (typed(id=NUMBER, petId=NUMBER), "petId", ("petId",)),
        (typed(pet_id=NUMBER), "petId", ("pet_id",)),
        (typed(uuid={"type": "string"}), "pet_uuid", ("uuid",)),
        (typed(slug={"type": "string"}), "slug", ("slug",)),
        (typed(data=typed(id=NUMBER)), "id", ("data", "id")),
        ({"allOf": [typed(name=NUMBER), typed(id=NUMBER)]}, "petId", ("id",)),
    ],
)
def test_a_parameter_finds_the_property_that_it_is_called_like(answer, parameter, pointer):
    (following,) = described(content(answer), f"/pets/{{{parameter}}}", parameter).following
    assert (following.parameter, following.pointer) == (parameter, pointer)


@pytest.mark.parametrize("media_type", ["*/*", "application/hal+json", "application/json;charset=UTF-8"])
def test_an_answer_may_be_json_by_another_name(media_type):
    answer = {"content": {"text/plain": {}, media_type: {"schema": typed(id=NUMBER)}}}
    (following,) = described(answer).following
    assert following.pointer == ("id",)


@pytest.mark.parametrize(
    ("answer", "path", "parameter"),
    [
        (content(typed(name=NUMBER)), "/pets/{petId}", "petId"),
        (content(typed(id=NUMBER)), "/pets/{name}", "name"),
        (content(typed(id=NUMBER)), "/owners/{id}", "id"),
        (content(typed("array", id=NUMBER) | {"properties": {}}), "/pets/{id}", "id"),
        ({}, "/pets/{id}", "id"),
        (content({"$ref": "#/gone"}), "/pets/{id}", "id"),
    ],
)
def test_where_no_property_fits_nothing_follows(answer, path, parameter):
    assert described(answer, path, parameter).following == ()


@pytest.mark.parametrize(
    "link",
    [
        {"operationId": "owner", "parameters": {"owner": "$response.body#/owner/key"}},
        {"operationRef": "#/paths/~1owners~1{owner}/get", "parameters": {"path.owner": "$response.body#/owner/key"}},
    ],
)
def test_a_link_says_where_the_value_stands(link):
    answer = {**content(typed()), "links": {"Owner": link}}
    (following,) = described(answer, "/owners/{owner}", "owner", operationId="owner").following
    assert (following.request.name, following.pointer) == ("GET /owners/{owner}", ("owner", "key"))


def test_a_link_elsewhere_leads_nowhere():
    link = {"operationId": "other", "parameters": {"owner": "$response.body#/owner"}}
    answer = {**content(typed()), "links": {"Owner": link}}
    assert described(answer, "/owners/{owner}", "owner", operationId="owner").following == ()


def test_what_was_made_is_deleted_and_nothing_else_is():
    answer = content(typed(id=NUMBER))
    (following,) = described(answer, method="delete", operationId="deletePet").following
    assert following.request.name == "DELETE /pets/{petId}"
    assert described(answer, method="delete", operationId="purgePet").following == ()
    assert described(answer, "/pets/{petId}/owners", method="delete").following == ()


def test_a_request_that_follows_is_not_sent_with_an_example_as_well():
    parameters = [{"name": "petId", "in": "path", "required": True, "example": 7}]
    making = {"requestBody": content(PET), "responses": {"201": content(typed(id=NUMBER))}}
    paths = {"/pets": {"post": making}, "/pets/{petId}": {"get": {"parameters": parameters}}}
    assert [request.names for request in requests_of({"paths": paths})] == [("POST /pets", "GET /pets/{petId}")]


def test_what_makes_something_is_among_many_gets():
    making = {"requestBody": content(PET), "responses": {"201": content(typed(id=NUMBER))}}
    parameters = [{"name": "id", "in": "path", "required": True, "schema": NUMBER}]
    paths = {
        **{f"/list{number}": {"get": {}} for number in range(7)},
        "/pets": {"post": making},
        "/pets/{id}": {"get": {"parameters": parameters}},
    }
    assert [request.name for request in requests_of({"paths": paths})] == [
        "GET /list0",
        "GET /list1",
        "GET /list2",
        "GET /list3",
        "POST /pets",
    ]
