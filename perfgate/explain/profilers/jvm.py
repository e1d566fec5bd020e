"""Commands to a JVM that runs, as `jcmd` sends them, without a second JVM that takes CPU to start.

By a socket that the JVM opens once it is asked to by a file and SIGQUIT: src/hotspot/os/posix/attachListener_posix.cpp
of https://github.com/openjdk/jdk.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

from perfgate.explain.profilers.processes import number_inside
from perfgate.explain.profilers.profiler import ProfilerError

_OPENS_IN, _ANSWERS_IN, _LOOK = 5.0, 10.0, 0.01  # seconds
_VERSION, _ARGUMENTS = "1", 3
_HINT = "run perfgate as the service's own user, or as root; -XX:+DisableAttachMechanism forbids it to everybody"


def ask(pid: int, command: str) -> str:
    """What a JVM answers to a command of jcmd. ProfilerError where it does not, or says that it failed."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_ANSWERS_IN)
            connection.connect(_opened(pid))
            words = [_VERSION, "jcmd", command, *[""] * (_ARGUMENTS - 1)]
            connection.sendall("".join(f"{word}\0" for word in words).encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode(errors="replace")
    except OSError as error:
        raise ProfilerError(f"the JVM takes no commands: {error.strerror or error}", _HINT) from None
    code, _, text = answer.partition("\n")
    if code.strip() != "0":
        raise ProfilerError(f"the JVM refused {command.split()[0]}: {' '.join(text.split())[:200]}")
    return text


def _opened(pid: int) -> str:
    """The path of the socket, which the JVM is asked to open where it has none."""
    number = number_inside(pid)
    path = Path(f"/proc/{pid}/root/tmp/.java_pid{number}")
    if path.is_socket():
        return str(path)
    wish = Path(f"/proc/{pid}/cwd/.attach_pid{number}")
    wish.touch()
    try:
        if os.geteuid() == 0:
            owner = Path(f"/proc/{pid}").stat()
            os.chown(wish, owner.st_uid, owner.st_gid)
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + _OPENS_IN
        while not path.is_socket() and time.monotonic() < deadline:
            time.sleep(_LOOK)
    finally:
        with suppress(OSError):
            wish.unlink()
    return str(path)
