"""The petstore as a WSGI application."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from perfgate.petstore.injections import Injections
from perfgate.petstore.injector import Injector
from perfgate.petstore.models import to_json
from perfgate.petstore.operations import Answer, problem
from perfgate.petstore.routes import answer, without_base_path
from perfgate.petstore.store import Store
from perfgate.version import VERSION

_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
_CONTENT_TYPE = ("Content-Type", "application/json")
_INJECTED = problem(500, "this failure was asked for")


class Application:
    """Answers requests from `store`, each made worse by `injector` where there is one."""

    def __init__(self, store: Store, injections: Injections, injector: Injector | None) -> None:
        self._store = store
        self._injector = injector
        self._about = Answer(
            200, to_json({"name": "perfgate petstore", "version": VERSION, "injections": asdict(injections)})
        )

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
    ) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        found = self._answer(method, without_base_path(environ["PATH_INFO"]), environ)
        headers = [_CONTENT_TYPE, ("Content-Length", str(len(found.body))), *found.headers]
        start_response(_STATUS_LINES[found.status], headers)
        return () if method == "HEAD" else (found.body,)

    def _answer(self, method: str, path: str, environ: dict[str, Any]) -> Answer:
        if path == "/" and method in ("GET", "HEAD"):
            return self._about
        if self._injector is not None and self._injector.disturb():
            return _INJECTED
        body = environ["wsgi.input"].read()
        return answer(self._store, method, path, environ["QUERY_STRING"], environ.get("CONTENT_TYPE", ""), body)
