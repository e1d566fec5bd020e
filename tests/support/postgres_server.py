"""A real PostgreSQL of one's own, from Debian's packages: nothing of it is kept, and it does not wait for the disk.

python postgres_server.py PORT [FOLDER [SETTING...]]

serves on localhost and on a unix socket in FOLDER until it is told to end, or until the pipe that is its standard
input closes. Its superuser is `shop`, without a password. FOLDER keeps the files where it is given; else they are
thrown away. Each SETTING is one of the server's own, like work_mem=1MB. PostgreSQL refuses root, and so runs as the
user that Debian's package made.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

USER = "shop"
_SYSTEM_USER = "postgres"
_HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300", "shared_buffers=64MB")


def programs() -> Path | None:
    """The folder of the newest PostgreSQL's programs; None where there is none."""
    found = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    if found:
        return max(found, key=lambda folder: float(folder.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def as_other_than_root() -> dict[str, Any]:
    """What a process of PostgreSQL is started with."""
    return {"user": _SYSTEM_USER, "group": _SYSTEM_USER, "extra_groups": []} if os.getuid() == 0 else {}


def make_cluster(folder: Path) -> None:
    """New files in a folder, which becomes the server's."""
    if os.getuid() == 0:
        shutil.chown(folder, _SYSTEM_USER, _SYSTEM_USER)
    words = ["-D", str(folder / "data"), "-U", USER, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
    done = subprocess.run(
        [str(programs() / "initdb"), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **as_other_than_root(),
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def start_cluster(folder: Path, port: int, more: list[str]) -> subprocess.Popen[bytes]:
    settings = [word for setting in (*_HASTY, *more) for word in ("-c", setting)]
    words = ["-D", str(folder / "data"), "-p", str(port), "-k", str(folder), "-h", "localhost", *settings]
    return subprocess.Popen([str(programs() / "postgres"), *words], cwd=folder, **as_other_than_root())


def serve(folder: Path, port: int, settings: list[str]) -> int:
    """Until the server ends; its exit code."""
    if not (folder / "data").exists():
        make_cluster(folder)
    server = start_cluster(folder, port, settings)

    def end(*_: Any) -> None:
        server.send_signal(signal.SIGINT)  # PostgreSQL's fast end: without waiting for its clients

    def end_with_input() -> None:
        os.read(0, 1)  # nothing is ever written there: it is readable at its end
        end()

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, end)
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=end_with_input, daemon=True).start()
    return server.wait()


def main() -> None:
    if programs() is None:
        sys.exit("PostgreSQL is not installed: make databases")
    port = int(sys.argv[1])
    if sys.argv[2:]:
        sys.exit(serve(Path(sys.argv[2]), port, sys.argv[3:]))
    folder = Path(tempfile.mkdtemp(prefix="perfgate-postgres-"))
    try:
        sys.exit(serve(folder, port, []))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
