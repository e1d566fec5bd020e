"""A store that answers with what a job has written, or a PUT."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DATA = Path("/data/goods")


class Store(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        text = DATA.read_bytes() if DATA.exists() else b"nothing"
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_PUT(self) -> None:
        DATA.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


print("the store is open", flush=True)
ThreadingHTTPServer(("", 6000), Store).serve_forever()
