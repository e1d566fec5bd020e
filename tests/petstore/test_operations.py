"""Every operation over real HTTP; statuses and shapes are those that Swagger Petstore 1.0.27 was seen to answer."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from perfgate.service.own_service import OwnService

JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}
BYTES = {"Content-Type": "application/octet-stream"}
ABSENT = 424242
TOO_LONG = "99999999999999999999"

PET = {
    "id": 1001,
    "category": {"id": 1, "name": "Dogs"},
    "name": "doggie",
    "photoUrls": ["a.jpg"],
    "tags": [{"id": 1, "name": "quiet"}],
    "status": "sold",
}
ORDER = {
    "id": 2001,
    "petId": 1,
    "quantity": 7,
    "shipDate": "2026-01-02T03:04:05.678+00:00",
    "status": "approved",
    "complete": True,
}
USER = {
    "id": 3001,
    "username": "u3001",
    "firstName": "First",
    "lastName": "Last",
    "email": "u3001@example.com",
    "password": "secret",
    "phone": "555-0100",
    "userStatus": 1,
}


class Client:
    """Sends requests below one base URL."""

    def __init__(self, session: requests.Session, url: str) -> None:
        self._session = session
        self._url = url

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._session.request(method, self._url + path, timeout=10, **options)


@pytest.fixture(params=["", "/api/v3"])
def client(petstore: OwnService, session: requests.Session, request: pytest.FixtureRequest) -> Client:
    return Client(session, petstore.instance.url + request.param)


def test_the_root_tells_about_itself(client: Client) -> None:
    answer = client("GET", "/")
    assert answer.status_code == 200
    assert answer.json()["name"] == "perfgate petstore"
    assert answer.json()["injections"]["slow"] == 0


def test_a_pet_is_created_read_replaced_and_deleted(client: Client) -> None:
    created = client("POST", "/pet", json=PET)
    assert (created.status_code, created.headers["Content-Type"], created.json()) == (200, "application/json", PET)
    assert client("GET", "/pet/1001").json() == PET

    replaced = {**PET, "name": "dog"}
    assert client("PUT", "/pet", json=replaced).json() == replaced
    assert client("GET", "/pet/1001").json() == replaced

    deleted = client("DELETE", "/pet/1001", headers={"api_key": "special-key"})
    assert (deleted.status_code, deleted.text) == (200, "Pet deleted")
    assert client("GET", "/pet/1001").status_code == 404
    assert client("DELETE", "/pet/1001").status_code == 200


def test_a_pet_is_changed_by_query_parameters(client: Client) -> None:
    client("POST", "/pet", json=PET)
    changed = client("POST", "/pet/1001", params={"name": "rex", "status": "pending"})
    assert changed.status_code == 200
    assert changed.json() == {**PET, "name": "rex", "status": "pending"}
    assert "status" not in client("POST", "/pet/1001", params={"name": "rex"}).json()
    assert client("POST", "/pet/1001").status_code == 400
    assert client("POST", f"/pet/{ABSENT}", params={"name": "rex"}).status_code == 404


def test_an_image_is_uploaded(client: Client) -> None:
    client("POST", "/pet", json=PET)
    answer = client("POST", "/pet/1001/uploadImage", params={"additionalMetadata": "m"}, data=b"png", headers=BYTES)
    assert answer.status_code == 200
    assert answer.json()["photoUrls"][0] == "a.jpg"
    assert len(answer.json()["photoUrls"]) == 2
    assert client("POST", "/pet/1001/uploadImage", data=b"", headers=BYTES).status_code == 400
    assert client("POST", "/pet/1001/uploadImage", json={}).status_code == 415
    assert client("POST", f"/pet/{ABSENT}/uploadImage", data=b"png", headers=BYTES).status_code == 404


def test_pets_are_found_by_status(client: Client) -> None:
    client("POST", "/pet", json=PET)
    found = client("GET", "/pet/findByStatus", params={"status": "sold"})
    assert found.status_code == 200
    assert {pet["status"] for pet in found.json()} == {"sold"}
    assert {5, 1001} <= {pet["id"] for pet in found.json()}
    assert client("GET", "/pet/findByStatus").status_code == 400
    refused = client("GET", "/pet/findByStatus", params={"status": "asleep"})
    assert (refused.status_code, refused.json()["code"]) == (400, 400)
    assert "[available, pending, sold]" in refused.json()["message"]


def test_pets_are_found_by_tags(client: Client) -> None:
    client("POST", "/pet", json=PET)
    found = client("GET", "/pet/findByTags", params={"tags": ["quiet", "tag4"]})
    assert found.status_code == 200
    assert {pet["id"] for pet in found.json()} == {3, 6, 9, 10, 1001}
    assert client("GET", "/pet/findByTags", params={"tags": "nobody's"}).json() == []
    assert client("GET", "/pet/findByTags").status_code == 400


def test_an_order_is_placed_read_and_deleted(client: Client) -> None:
    placed = client("POST", "/store/order", json=ORDER)
    assert (placed.status_code, placed.json()) == (200, ORDER)
    assert client("GET", "/store/order/2001").json() == ORDER

    deleted = client("DELETE", "/store/order/2001")
    assert (deleted.status_code, deleted.content) == (200, b"")
    assert client("GET", "/store/order/2001").status_code == 404
    assert client("DELETE", "/store/order/2001").status_code == 200


def test_the_inventory_counts_what_was_ordered(client: Client) -> None:
    before = client("GET", "/store/inventory").json()
    assert before == {"placed": 100, "approved": 50, "delivered": 50}
    client("POST", "/store/order", json=ORDER)
    assert client("GET", "/store/inventory").json() == {**before, "approved": 57}
    client("DELETE", "/store/order/2001")
    assert client("GET", "/store/inventory").json() == before


def test_a_user_is_created_read_renamed_and_deleted(client: Client) -> None:
    created = client("POST", "/user", json=USER)
    assert (created.status_code, created.json()) == (200, USER)
    assert client("GET", "/user/u3001").json() == USER

    renamed = {**USER, "username": "new name/ü"}
    assert client("PUT", "/user/u3001", json=renamed).json() == renamed
    assert client("GET", "/user/u3001").status_code == 404
    assert client("PUT", "/user/u3001", json=USER).status_code == 404
    client("POST", "/user", json={**USER, "username": "ü 1"})
    assert client("GET", "/user/%C3%BC%201").json()["username"] == "ü 1"

    deleted = client("DELETE", "/user/%C3%BC%201")
    assert (deleted.status_code, deleted.content) == (200, b"")
    assert client("GET", "/user/%C3%BC%201").status_code == 404


def test_users_are_created_by_list(client: Client) -> None:
    users = [{**USER, "username": "a"}, {**USER, "username": "b"}]
    created = client("POST", "/user/createWithList", json=users)
    assert (created.status_code, created.json()) == (200, users)
    assert client("GET", "/user/b").json() == users[1]
    assert client("POST", "/user/createWithList", json=[]).status_code == 400
    assert client("POST", "/user/createWithList", json=USER).status_code == 400
    assert client("POST", "/user/createWithList", data="[", headers=JSON).status_code == 400
    assert client("POST", "/user/createWithList", data="[]", headers=TEXT).status_code == 415


def test_a_user_without_a_name_poisons_nothing(client: Client) -> None:
    assert client("POST", "/user", json={"id": 5}).json() == {"id": 5, "userStatus": 0}
    assert client("GET", "/user/user1").status_code == 200


def test_anybody_logs_in_and_out(client: Client) -> None:
    first = client("GET", "/user/login", params={"username": "user1", "password": "any"})
    second = client("GET", "/user/login")
    assert [first.status_code, second.status_code] == [200, 200]
    assert first.text.startswith("Logged in user session: ")
    assert first.text != second.text
    assert first.headers["X-Rate-Limit"] == "5000"
    assert first.headers["X-Expires-After"].split()[4] == "UTC"
    assert client("GET", "/user/logout").text == "User logged out"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/pet"), ("PUT", "/pet"), ("POST", "/store/order"), ("POST", "/user"), ("PUT", "/user/user1")],
)
@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ('{"id":', JSON, 400),
        ("", JSON, 400),
        ("null", JSON, 400),
        ("[]", JSON, 400),
        ('"x"', JSON, 400),
        (b"\xff", JSON, 400),
        ("[" * 100_000, JSON, 400),
        ('{"id": NaN}', JSON, 400),
        ('{"id": Infinity}', JSON, 400),
        ('{"id": "x"}', JSON, 400),
        ('{"id": true}', JSON, 400),
        ('{"id": 9223372036854775808}', JSON, 400),
        ('{"status": [], "username": []}', JSON, 400),
        ('{"id": 1}', {}, 400),
        ('{"id": 1}', TEXT, 415),
        ("<Pet/>", {"Content-Type": "application/xml"}, 415),
        ("id=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_bad_body_is_refused(
    client: Client, method: str, path: str, body: str | bytes, headers: dict[str, str], status: int
) -> None:
    data = body.encode() if isinstance(body, str) else body
    assert client(method, path, data=data, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"id": 1002}, {"id": 1002, "photoUrls": [], "tags": []}),
        ({"id": "1002", "name": 5}, {"id": 1002, "name": "5", "photoUrls": [], "tags": []}),
        ({"id": 1002.9, "name": True, "x": 1}, {"id": 1002, "name": "true", "photoUrls": [], "tags": []}),
        ({"id": 1002, "photoUrls": None, "tags": [{}]}, {"id": 1002, "tags": [{"id": 0}]}),
        (
            {"id": 1002, "photoUrls": [None], "category": {}},
            {"id": 1002, "category": {"id": 0}, "photoUrls": [None], "tags": []},
        ),
    ],
)
def test_a_lenient_pet_is_taken_as_the_real_one_takes_it(client: Client, body: object, kept: object) -> None:
    answer = client("POST", "/pet", json=body)
    assert (answer.status_code, answer.json()) == (200, kept)
    assert client("GET", "/pet/1002").json() == kept


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("body", [{}, {"id": None, "name": "x"}, {"id": "", "name": "x"}])
def test_a_pet_without_an_id_is_an_internal_error(client: Client, method: str, body: object) -> None:
    answer = client(method, "/pet", json=body)
    assert (answer.status_code, answer.json()["code"]) == (500, 500)
    assert client("GET", "/pet/1").status_code == 200


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678+00:00"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000+00:00"),
        ("2026-01-02T03:04:05+0200", "2026-01-02T01:04:05.000+00:00"),
        ("2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.123+00:00"),
        ("2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.500+00:00"),
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05.000+00:00"),
        ("2026-01-02", "2026-01-02T00:00:00.000+00:00"),
        (1700000000000, "2023-11-14T22:13:20.000+00:00"),
        ("", None),
        (None, None),
    ],
)
def test_a_ship_date_is_kept_in_utc(client: Client, given: object, kept: str | None) -> None:
    answer = client("POST", "/store/order", json={**ORDER, "shipDate": given})
    assert (answer.status_code, answer.json().get("shipDate")) == (200, kept)


@pytest.mark.parametrize(
    "wrong",
    [
        {"shipDate": "yesterday"},
        {"shipDate": "2026-13-01"},
        {"shipDate": True},
        {"shipDate": 10**20},
        {"quantity": 2**31},
        {"quantity": "many"},
        {"complete": "yes"},
    ],
)
def test_a_wrong_order_is_refused(client: Client, wrong: dict[str, object]) -> None:
    answer = client("POST", "/store/order", json={**ORDER, **wrong})
    assert (answer.status_code, answer.json()["code"]) == (400, 400)


def test_missing_numbers_of_an_order_are_nought(client: Client) -> None:
    answer = client("POST", "/store/order", json={"id": 2002, "complete": 1})
    assert answer.json() == {"id": 2002, "petId": 0, "quantity": 0, "complete": True}


@pytest.mark.parametrize("path", ["/pet/{}", "/store/order/{}"])
@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("abc", 400),
        (TOO_LONG, 400),
        ("9223372036854775808", 400),
        ("1.5", 400),
        (str(ABSENT), 404),
        ("-1", 404),
        ("1", 200),
        ("%31", 200),
        ("1/", 200),
    ],
)
def test_ids_are_numbers_of_64_bits(client: Client, path: str, number: str, status: int) -> None:
    assert client("GET", path.format(number)).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/pet", 405),
        ("DELETE", "/pet/", 405),
        ("PATCH", "/pet/1", 405),
        ("PUT", "/pet/1", 405),
        ("GET", "/pet/1/uploadImage", 405),
        ("POST", "/store/order/1", 405),
        ("GET", "/store/order", 405),
        ("PATCH", "/user/user1", 405),
        ("GET", "/user", 405),
        ("DELETE", "/pet/findByTags", 400),
        ("PUT", "/user/login", 400),
        ("GET", "/nothing", 404),
        ("GET", "/store", 404),
        ("GET", "/pet/1/nothing", 404),
        ("GET", "/user/nobody", 404),
        ("POST", "/", 404),
        ("GET", "/api/v2/pet/1", 404),
        ("GET", "/api/v3x", 404),
    ],
)
def test_other_paths_and_methods_are_refused(client: Client, method: str, path: str, status: int) -> None:
    assert client(method, path).status_code == status


def test_head_is_get_without_a_body(client: Client) -> None:
    full, head = client("GET", "/pet/1"), client("HEAD", "/pet/1")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == full.headers["Content-Length"] == str(len(full.content))


def test_options_names_the_methods(client: Client) -> None:
    answer = client("OPTIONS", "/pet/1")
    assert (answer.status_code, answer.headers["Allow"]) == (200, "DELETE,GET,HEAD,OPTIONS,POST")
    assert client("OPTIONS", "/nothing").status_code == 404
