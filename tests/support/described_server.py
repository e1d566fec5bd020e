"""A small real service that does what a description says: it keeps what it is sent, and asks for credentials."""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qsl, urlsplit

from perfgate.scaffold.openapi.examples import Examples
from perfgate.scaffold.openapi.references import References


class DescribedService:
    """What the service keeps.

    accounts: name -> password. keys: what it takes as a credential. log: (method, path, status).
    login, sign_up: the paths that log in and make an account; name, password: the fields of both.
    """

    def __init__(self, document, login="", sign_up="", name="username", password="password"):
        self.document, self.login, self.sign_up, self.name, self.password = document, login, sign_up, name, password
        self.examples = Examples(References(document))
        self.accounts, self.keys, self.log = {}, set(), []
        self.things = {}
        self.numbers = count(1)
        self.lock = threading.Lock()

    def answer(self, method, path, headers, body):
        """(status, value, cookie)"""
        if method == "POST" and path == self.sign_up:
            # The name of an account is what the login calls it, or its address.
            name = body.get(self.name) or body.get("email")
            if name in self.accounts:
                return 409, {}, ""
            self.accounts[name] = body[self.password]
            return 201, {}, ""
        if method == "POST" and path == self.login:
            if self.accounts.get(body.get(self.name)) != body.get(self.password):
                return 401, {}, ""
            key = f"key{next(self.numbers)}"
            self.keys.add(key)
            return 200, self.filled(self.operation("post", path), key), f"session={key}; Path=/"
        for template, item in self.document["paths"].items():
            found = re.fullmatch(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(template)), path)
            if found and method.lower() in item:
                if not self.allowed(item[method.lower()], headers):
                    return 401, {}, ""
                return (*self.kept(method, template, found.groups(), item[method.lower()], body), "")
        return 404, {}, ""

    def allowed(self, operation, headers):
        for needed in operation.get("security", self.document.get("security", [])) or [{}]:
            if not needed:
                return True
            scheme = self.document["components"]["securitySchemes"][next(iter(needed))]
            value = headers.get("Cookie", "").partition("=")[2]
            if scheme["type"] == "apiKey" and scheme["in"] == "header":
                value = headers.get(scheme["name"], "")
            elif scheme["type"] in ("http", "oauth2"):
                value = headers.get("Authorization", "").partition(" ")[2]
            if value in self.keys:
                return True
        return False

    def kept(self, method, template, values, operation, body):
        if method == "POST":
            number = str(next(self.numbers))
            self.things[template, number] = body
            return 201, self.filled(operation, number)
        if values:
            collection = re.sub(r"/\{.*", "", template)
            if (collection, values[0]) not in self.things:
                return 404, {}
            if method == "DELETE":
                del self.things[collection, values[0]]
        return 200, {}

    def operation(self, method, path):
        return self.document["paths"][path][method]

    def filled(self, operation, value):
        """An answer of its schema, with the value in the place of all texts."""
        answers = list(operation.get("responses", {}).values())
        content = answers[0].get("content") if answers else None
        schema = content["application/json"]["schema"] if content else {"type": "object"}
        return _replaced(self.examples.made(schema), value)


def _replaced(value, by):
    if isinstance(value, dict):
        return {name: _replaced(one, by) for name, one in value.items()}
    return by


@contextmanager
def described_server(service):
    """The URL of the service."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            form = "form" in self.headers.get("Content-Type", "")
            body = dict(parse_qsl(text.decode())) if form else json.loads(text or "null")
            path = urlsplit(self.path).path
            with service.lock:
                status, value, cookie = service.answer(self.command, path, self.headers, body)
                service.log.append((self.command, path, status))
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if cookie:
                self.send_header("Set-Cookie", cookie)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = handle_any

        def log_message(self, *_):
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
