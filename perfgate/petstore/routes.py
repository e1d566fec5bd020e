"""Routes: the operation for each method and path."""

from __future__ import annotations

from collections.abc import Callable

from perfgate.petstore import operations as do
from perfgate.petstore.operations import Answer, Request
from perfgate.petstore.store import Store

Operation = Callable[[Store, Request], Answer]

_BASE_PATH = "/api/v3"

# A path that stands here with the method is meant before one with a variable part.
_FIXED: dict[str, dict[str, Operation]] = {
    "/pet": {"POST": do.add_pet, "PUT": do.update_pet},
    "/pet/findByStatus": {"GET": do.find_pets_by_status},
    "/pet/findByTags": {"GET": do.find_pets_by_tags},
    "/store/inventory": {"GET": do.get_inventory},
    "/store/order": {"POST": do.place_order},
    "/user": {"POST": do.create_user},
    "/user/createWithList": {"POST": do.create_users},
    "/user/login": {"GET": do.log_in},
    "/user/logout": {"GET": do.log_out},
}
# What stands before and after the variable part.
_VARIABLE: dict[tuple[str, str], dict[str, Operation]] = {
    ("/pet", ""): {"GET": do.get_pet, "POST": do.update_pet_with_form, "DELETE": do.delete_pet},
    ("/pet", "uploadImage"): {"POST": do.upload_image},
    ("/store/order", ""): {"GET": do.get_order, "DELETE": do.delete_order},
    ("/user", ""): {"GET": do.get_user, "PUT": do.update_user, "DELETE": do.delete_user},
}

_NOT_FOUND = do.problem(404, "HTTP 404 Not Found")
_NOT_ALLOWED = do.problem(405, "HTTP 405 Method Not Allowed")


def without_base_path(path: str) -> str:
    """The path below / or /api/v3, where everything is served alike, without a slash at its end."""
    if path.startswith(_BASE_PATH) and path[len(_BASE_PATH) :][:1] in ("", "/"):
        path = path[len(_BASE_PATH) :]
    return path.rstrip("/") or "/"


def find(method: str, path: str) -> tuple[Operation | None, str, frozenset[str]]:
    """The operation, the variable part of `path` and the methods that the path has.

    path: as `without_base_path` gives it. No operation and no methods: there is no such path.
    """
    fixed = _FIXED.get(path, {})
    if method in fixed:
        return fixed[method], "", frozenset()
    start, _, parameter = path.rpartition("/")
    variable = _VARIABLE.get((start, ""))
    if variable is None:
        before, _, between = start.rpartition("/")
        variable = _VARIABLE.get((before, parameter), {}) if parameter else {}
        parameter = between
    return variable.get(method), parameter, frozenset(fixed) | frozenset(variable)


def answer(store: Store, method: str, path: str, query: str, content_type: str, body: bytes) -> Answer:
    """The answer to a request. path: as `without_base_path` gives it. HEAD is answered like GET."""
    operation, parameter, methods = find("GET" if method == "HEAD" else method, path)
    if operation is None:
        return _without_operation(method, methods)
    try:
        return operation(store, Request(parameter, query, content_type, body))
    except do.Refusal as refusal:
        return refusal.answer


def _without_operation(method: str, methods: frozenset[str]) -> Answer:
    if not methods:
        return _NOT_FOUND
    if method == "OPTIONS":
        allowed = sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])})
        return Answer(200, b"", (("Allow", ",".join(allowed)),))
    return _NOT_ALLOWED
