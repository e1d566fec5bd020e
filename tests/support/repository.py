"""A real git repository to take commits from, and what of it must be the same afterwards."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from perfgate.git import Git, checkout_of
from perfgate.service.owner import this_process


class Repository:
    """One with a first commit on main. The environment says who commits."""

    def __init__(self, folder: Path, **files: str) -> None:
        self.folder = folder
        kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
        identity = {
            f"GIT_{role}_{what}": "me@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        self.environment = {**kept, **identity, "HOME": str(folder.parent), "GIT_CONFIG_NOSYSTEM": "1"}
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.first = self.commit(**(files or {"name": "first"}))

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, **files: str) -> str:
        """Write files, commit them; the commit's hash."""
        for name, text in files.items():
            (self.folder / name).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", f"Change {', '.join(files)}")
        return self.git("rev-parse", "HEAD")

    @property
    def checkout(self) -> Git:
        return checkout_of(self.folder, self.environment)

    def state(self) -> dict[str, bytes]:
        """Every file of the work tree and of the repository itself, byte for byte, but for the objects."""
        files = (file for file in self.folder.rglob("*") if file.is_file() and "objects" not in file.parts)
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in files}

    def worktrees(self) -> list[str]:
        """The folders of all work trees that git knows of."""
        lines = self.git("worktree", "list", "--porcelain").splitlines()
        return [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")]


def own_folders() -> set[Path]:
    """The temporary folders that this process has made for work trees and not yet removed."""
    return set(Path(tempfile.gettempdir()).glob(f"perfgate-{this_process()}-*"))


SERVE = """
import http.server, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = repr((VERSION, os.environ.get("GREETING"), os.getcwd())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

VERSION = "first"
http.server.ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(sys.argv[1])), Handler).serve_forever()
"""
