"""A forge on this machine: a bare repository that git reaches over HTTP, and GitHub's interface beside it."""

import base64
import contextlib
import http.server
import os
import sqlite3
import subprocess
import threading
from pathlib import Path

from perfgate.testing import FakeGitHub

TOKEN = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
OWNER = "octo/pets"


class Forge:
    """A context manager. url: of the forge; api: GitHub's interface, with its comments. Writing takes the token."""

    def __init__(self, folder):
        self.folder = folder
        self.api = FakeGitHub(OWNER, 7)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(folder))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self.api.__enter__()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        bare = self.folder / f"{OWNER}.git"
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", bare], check=True)
        subprocess.run(["git", "config", "http.receivepack", "true"], cwd=bare, check=True)
        self.bare = bare
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self.api.__exit__()

    def git(self, *arguments):
        """What git says in the repository of the forge itself."""
        done = subprocess.run(["git", *arguments], cwd=self.bare, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def runs(self):
        """Commit and target of the runs that the history on main has."""
        file = self.folder / "history.db"
        shown = subprocess.run(
            ["git", "cat-file", "blob", "main:history/perfgate.db"], cwd=self.bare, stdout=subprocess.PIPE, check=True
        )
        file.write_bytes(shown.stdout)
        with contextlib.closing(sqlite3.connect(file)) as history:
            return history.execute("select commit_sha, target from runs order by id").fetchall()


def _handler(folder):
    """git's own CGI program, git-http-backend(1); whoever writes must know the token."""
    allowed = "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    program = Path(subprocess.check_output(["git", "--exec-path"], text=True).strip()) / "git-http-backend"

    class Handler(http.server.BaseHTTPRequestHandler):
        def serve(self):
            path, _, query = self.path.partition("?")
            if "git-receive-pack" in self.path and self.headers.get("Authorization") != allowed:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="forge"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            owner, name, *rest = path.strip("/").split("/")
            variables = {
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": "/".join(["", owner, name.removesuffix(".git") + ".git", *rest]),
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_USER": "forge",
                "PATH": os.environ["PATH"],
            }
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            done = subprocess.run([program], input=body, env=variables, capture_output=True, check=False)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = serve

        def log_message(self, *_):
            """Say nothing."""

    return Handler
