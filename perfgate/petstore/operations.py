"""The operations of Swagger Petstore v3: each takes the store and a request and gives an answer.

Status codes and shapes are those of swagger-api/swagger-petstore 1.0.27 as it answers, which is not always as its
OpenAPI description says: a pet without a name is taken, one without an id is an internal error, a login never fails.
"""

from __future__ import annotations

import re
import time
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from perfgate.petstore.models import ORDER, PET, USER, InputError, Json, Model, from_json, to_json
from perfgate.petstore.store import Store

_STATUSES = ("available", "pending", "sold")
_ID = re.compile(r"[+-]?[0-9]{1,19}")
_ID_LIMIT = 1 << 63
_SESSION_SECONDS = 3600
_REQUESTS_PER_HOUR = "5000"

Headers = tuple[tuple[str, str], ...]


class Request(NamedTuple):
    """One request.

    parameter: the last variable part of the path, unquoted.
    query: of its URL, as it was sent.
    content_type: "" where there is none.
    body: as it was sent.
    """

    parameter: str
    query: str
    content_type: str
    body: bytes


class Answer(NamedTuple):
    """One answer.

    status: its status code.
    body: always sent as JSON, as the real one does.
    headers: further headers.
    """

    status: int
    body: bytes
    headers: Headers = ()


class Refusal(Exception):
    """An answer that ends an operation early."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def problem(status: int, message: str) -> Answer:
    """An error as the real one's framework words it."""
    return Answer(status, to_json({"code": status, "message": message}))


def input_error(message: str) -> Answer:
    return problem(400, f"Input error: {message}")


INTERNAL_ERROR = problem(500, "There was an error processing your request. It has been logged")
UNSUPPORTED = problem(415, "HTTP 415 Unsupported Media Type")


def _id(request: Request) -> int:
    text = request.parameter
    if _ID.fullmatch(text):
        number = int(text)
        if -_ID_LIMIT <= number < _ID_LIMIT:
            return number
    raise Refusal(input_error(f"couldn't convert `{text}` to a number of 64 bits"))


def _body(request: Request, nothing: str) -> Any:
    """The JSON body as a value. nothing: the answer to an empty one."""
    content_type = request.content_type
    if content_type != "application/json" and content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(UNSUPPORTED if content_type else Answer(400, nothing.encode()))
    value = from_json(request.body) if request.body else None
    if value is None:
        raise Refusal(Answer(400, nothing.encode()))
    return value


def _one(model: Model, request: Request) -> Json:
    try:
        return model(_body(request, f"No {model.name} provided. Try again?"))
    except InputError:
        raise Refusal(input_error(f"unable to convert input to {model.name}")) from None


def _pet(request: Request) -> Json:
    pet = _one(PET, request)
    if "id" not in pet:
        raise Refusal(INTERNAL_ERROR)
    return pet


def add_pet(store: Store, request: Request) -> Answer:
    return Answer(200, store.put_pet(_pet(request)))


def update_pet(store: Store, request: Request) -> Answer:
    pet = _pet(request)
    if store.pets.get(pet["id"]) is None:
        return Answer(404, b"Pet not found")
    return Answer(200, store.put_pet(pet))


def find_pets_by_status(store: Store, request: Request) -> Answer:
    status = parse_qs(request.query, keep_blank_values=True).get("status", [None])[0]
    if status is None:
        return Answer(400, b"No status provided. Try again?")
    if status not in _STATUSES:
        allowed = ", ".join(_STATUSES)
        return input_error(f"query parameter `status value `{status}` is not in the allowable values `[{allowed}]`")
    return Answer(200, b"[" + b",".join(store.pets_by_status(status)) + b"]")


def find_pets_by_tags(store: Store, request: Request) -> Answer:
    tags = parse_qs(request.query).get("tags", [])
    if not tags:
        return Answer(400, b"No tags provided. Try again?")
    return Answer(200, b"[" + b",".join(store.pets_by_tags(frozenset(tags))) + b"]")


def get_pet(store: Store, request: Request) -> Answer:
    pet = store.pets.get(_id(request))
    return Answer(200, pet.json) if pet else Answer(404, b"Pet not found")


def update_pet_with_form(store: Store, request: Request) -> Answer:
    number = _id(request)
    form = parse_qs(request.query)
    if "name" not in form:
        return Answer(400, b"No Name provided. Try again?")
    kept = store.pets.get(number)
    if kept is None:
        return Answer(404, b"Pet not found")
    pet = from_json(kept.json)
    pet["name"] = form["name"][0]
    pet["status"] = form.get("status", [None])[0]
    return Answer(200, store.put_pet(PET(pet)))


def delete_pet(store: Store, request: Request) -> Answer:
    store.pets.remove(_id(request))
    return Answer(200, b"Pet deleted")


def upload_image(store: Store, request: Request) -> Answer:
    number = _id(request)
    if request.content_type.partition(";")[0].strip().lower() not in ("application/octet-stream", ""):
        return UNSUPPORTED
    if not request.body:
        return Answer(400, b"No file uploaded")
    kept = store.pets.get(number)
    if kept is None:
        return Answer(404, b"Pet not found")
    pet = from_json(kept.json)
    photos = pet.get("photoUrls") or []
    pet["photoUrls"] = [*photos, f"/images/{number}/{len(photos) + 1}"]
    return Answer(200, store.put_pet(PET(pet)))


def get_inventory(store: Store, request: Request) -> Answer:
    return Answer(200, to_json(store.inventory()))


def place_order(store: Store, request: Request) -> Answer:
    return Answer(200, store.put_order(_one(ORDER, request)))


def get_order(store: Store, request: Request) -> Answer:
    order = store.orders.get(_id(request))
    return Answer(200, order.json) if order else Answer(404, b"Order not found")


def delete_order(store: Store, request: Request) -> Answer:
    store.orders.remove(_id(request))
    return Answer(200, b"")


def create_user(store: Store, request: Request) -> Answer:
    return Answer(200, store.put_user(_one(USER, request)))


def create_users(store: Store, request: Request) -> Answer:
    nothing = "No User provided. Try again?"
    try:
        users = _body(request, nothing)
        if not isinstance(users, list):
            raise InputError
        users = [USER(user) for user in users]
    except InputError:
        return input_error("unable to convert input to User[]")
    if not users:
        return Answer(400, nothing.encode())
    return Answer(200, b"[" + b",".join([store.put_user(user) for user in users]) + b"]")


def get_user(store: Store, request: Request) -> Answer:
    user = store.users.get(request.parameter)
    return Answer(200, user) if user else Answer(404, b"User not found")


def update_user(store: Store, request: Request) -> Answer:
    user = _one(USER, request)
    if store.users.get(request.parameter) is None:
        return Answer(404, b"User not found")
    store.users.remove(request.parameter)
    return Answer(200, store.put_user(user))


def delete_user(store: Store, request: Request) -> Answer:
    store.users.remove(request.parameter)
    return Answer(200, b"")


def log_in(store: Store, request: Request) -> Answer:
    expires = time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(time.time() + _SESSION_SECONDS))
    headers = (("X-Rate-Limit", _REQUESTS_PER_HOUR), ("X-Expires-After", expires))
    return Answer(200, b"Logged in user session: %d" % store.new_session(), headers)


def log_out(store: Store, request: Request) -> Answer:
    return Answer(200, b"User logged out")
