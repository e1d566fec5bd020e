"""`[service] verify`: a target with a certificate that nobody has signed, or an authority of one's own."""

import json
import shutil
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec

import pytest
import trustme

OWN = """
from perfgate import scenario

@scenario(vus=2, duration="1s", transport="{transport}")
def look(user):
    {first}
    user.get("/")
    user.think(0.05)
"""
K6 = """
import http from 'k6/http';
import { sleep } from 'k6';
export const options = { vus: 2, duration: '1s' };
export default function () { http.get(`${__ENV.BASE_URL}/`); sleep(0.05); }
"""
LOCUST = """
from locust import HttpUser, constant, task

class Visitor(HttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        self.client.get("/")
"""
ENGINES = [
    pytest.param("look.py", OWN.format(transport="wire", first="pass"), id="wire"),
    pytest.param("look.py", OWN.format(transport="requests", first="pass"), id="requests"),
    pytest.param(
        "look.js",
        K6,
        marks=[pytest.mark.engines, pytest.mark.skipif(shutil.which("k6") is None, reason="k6 is not installed")],
        id="k6",
    ),
    pytest.param(
        "look.py",
        LOCUST,
        marks=[pytest.mark.engines, pytest.mark.skipif(find_spec("locust") is None, reason="Locust is not installed")],
        id="locust",
    ),
]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    do_POST = do_GET

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that trusts it not says so by going."""


@pytest.fixture
def target(folder):
    """The URL of a service whose authority is ca.pem in the folder."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = Server(("127.0.0.1", 0), Handler)
    # The handshake in the thread of its connection, so that one that fails holds up nobody.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"https://localhost:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(folder, perfgate, target):
    """run(NAME, TEXT, SETTINGS) measures a scenario file with those settings of the service."""

    def measure(name, text, settings):
        shutil.rmtree(folder / "scenarios")
        (folder / "scenarios").mkdir()
        (folder / "scenarios" / name).write_text(text)
        (folder / "perfgate.toml").write_text(
            f'[measure]\nwarm_up = "200ms"\nwarm_up_most = "1s"\nforeign_cpu = "100%"\n[service]\n{settings}\n'
        )
        return perfgate("run", "--target", target, "--json", "-", "--quiet")

    return measure


@pytest.mark.parametrize(("name", "text"), ENGINES)
@pytest.mark.parametrize("settings", ["verify = false", 'verify = "ca.pem"\nreset = "POST /reset"'])
def test_the_load_believes_whom_the_check_believes(run, name, text, settings):
    done = run(name, text, settings)
    assert done.code == 0, done.out + done.err
    (failed,) = [
        row for row in json.loads(done.out)["rows"] if row["metric"] == "http_req_failed" and row["request"] is None
    ]
    assert failed["head"] == 0


def test_a_user_may_say_otherwise(run):
    done = run("look.py", OWN.format(transport="wire", first="user.verify = True"), "verify = false")
    assert done.code == 3, done.out + done.err
    assert "only errors" in " ".join(json.loads(done.out)["reasons"])


def test_without_it_the_error_names_it(run):
    done = run("look.py", OWN.format(transport="wire", first="pass"), "")
    assert done.code == 3, done.out + done.err
    assert 'verify = "ca.pem"' in done.err


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_cannot_be_used_is_named_before_any_load(run, folder, content):
    if content is not None:
        (folder / "other.pem").write_text(content)
    done = run("look.py", OWN.format(transport="wire", first="pass"), 'verify = "other.pem"')
    assert done.code == 2, done.out + done.err
    assert "verify under [service] in perfgate.toml: other.pem cannot be used" in done.err
