"""httpbin, in an environment and a process of its own: before Python 3.12 it does not install beside our gevent."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

PYTHON = Path(sys.prefix, "httpbin", "bin", "python")

# Serves until its standard input ends.
SERVE = """
import sys, threading
from httpbin import app
from werkzeug.serving import WSGIRequestHandler, make_server

class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *arguments):
        pass

server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
"""


@contextmanager
def running_httpbin():
    """The URL of a running httpbin."""
    if not PYTHON.exists():
        pytest.skip("httpbin is not installed: make test")
    pipe = subprocess.PIPE
    with subprocess.Popen([PYTHON, "-c", SERVE], stdin=pipe, stdout=pipe, text=True) as process:
        url = process.stdout.readline().strip()
        assert url, "httpbin did not start"
        yield url
        process.stdin.close()
