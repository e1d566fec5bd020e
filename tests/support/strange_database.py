"""A "database": for each byte on a connection it works for 1 ms, and answers with a byte.

python strange_database.py [--unix PATH] [--fork]: listens on a free port of 127.0.0.1, or on a unix socket, and prints
where. --fork: a process for each connection, as PostgreSQL has it, which ends with it.
"""

import os
import signal
import socket
import sys
import threading
import time


def serve(connection):
    with connection:
        while connection.recv(1):
            end = time.thread_time() + 0.001
            while time.thread_time() < end:
                pass
            connection.sendall(b"x")


def main(options):
    if "--unix" in options:
        path = options[options.index("--unix") + 1]
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(100)
        print(path, flush=True)
    else:
        listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        print(listener.getsockname()[1], flush=True)
    while True:
        connection = listener.accept()[0]
        if "--fork" not in options:
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
        elif os.fork():
            connection.close()
        else:
            listener.close()
            serve(connection)
            os._exit(0)


def reap(*_):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, reap)
    main(sys.argv[1:])
