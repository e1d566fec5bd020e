"""A shop that asks its store over the network, QUERIES times a request."""

import os
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        text = os.environ.get("GREETING", "").encode()
        if self.path != "/alive":
            for _ in range(int(os.environ.get("QUERIES", "2"))):
                with urllib.request.urlopen(f"http://{os.environ['STORE']}/") as answer:
                    text = answer.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("", 8080), Shop).serve_forever()
