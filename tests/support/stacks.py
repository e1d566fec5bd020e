"""A service with a database, both small programs: what a test of stacks puts into a repository."""

from __future__ import annotations

# Rows are kept in memory, and written when it is asked to end: as databases do, and so a snapshot needs a clean end.
DATABASE = """
import http.server, os, pathlib, signal, sys, time

port, data = int(sys.argv[1]), pathlib.Path(sys.argv[2])
rows = (data / "rows").read_text().splitlines() if (data / "rows").exists() else []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, repr((rows, os.getpid())).encode())

    def do_PUT(self):
        rows.append(self.path[1:])
        self.answer(200)

    def log_message(self, *_):
        pass


def end(*_):
    (data / "rows").write_text("\\n".join(rows))
    os._exit(0)


signal.signal(signal.SIGTERM, end)
print("the database begins", flush=True)
time.sleep(float(os.environ.get("DELAY", "0")))
http.server.ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), port), Handler).serve_forever()
"""

# It needs its database from the beginning, and says what it sees of it.
SERVICE = """
import ast, http.server, os, sys, urllib.request


def database():
    with urllib.request.urlopen(os.environ["DB"]) as answer:
        return ast.literal_eval(answer.read().decode())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        rows, pid = database()
        seen = {"rows": rows, "database": pid, "name": os.environ.get("NAME"), "version": VERSION}
        body = repr(seen).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


VERSION = "first"
database()
http.server.ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(sys.argv[1])), Handler).serve_forever()
"""

# seed.py URL ROW... puts rows in; done when all are.
SEED = """
import sys, urllib.request

for row in sys.argv[2:]:
    urllib.request.urlopen(urllib.request.Request(f"{sys.argv[1]}/{row}", method="PUT")).close()
"""

FILES = {"database.py": DATABASE, "service.py": SERVICE, "seed.py": SEED}
