"""`[[counter]]` of perfgate.toml, on a service that counts."""

import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture
def service():
    """The URL of a service that shows how often it was asked once it was asked."""
    asked = itertools.count(1)
    page = [b""]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self._answer(page[0])

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            page[0] = b"asked_total %d\n" % next(asked)
            self._answer(b"{}")

        def _answer(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Requests are not logged."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def counted(perfgate, folder, service):
    """A run with these names of the service's page."""
    written = (folder / "perfgate.toml").read_text()

    def run(*names):
        (folder / "perfgate.toml").write_text(f'{written}\n[[counter]]\nurl = "/metrics"\nnames = {list(names)}\n')
        return perfgate("run", "--target", service, "--duration", "1s", "--vus", "1")

    return run


def test_a_name_that_the_page_never_has_ends_the_measurement_before_its_first_round(counted):
    done = counted("askd_total")
    assert done.code == 3
    said = " ".join(done.out.split())
    assert "it has no askd_total; did you mean asked_total?" in said
    assert "mend names under [[counter]]" in said
    assert "rounds are invalid" not in said


def test_a_name_that_comes_with_the_first_count_and_a_pattern_that_fits_nothing_are_measured(counted):
    done = counted("asked_total", "cache_*")
    assert done.code == 0, done.out + done.err
    assert "Nothing on /metrics fits cache_* so far" in done.err
