"""A service for tests, in one file without dependencies: it spends a known amount of CPU, and fails as it is told to.

Its environment says how: PORT, WORK (rounds of hashing for every request), BALLAST (MB of memory that it holds),
FAULT ("exit": write 60 lines and end with code 3; "deaf": never listen; "busy": answer 503; "flood": write 10 kB for
every request), DIE_AFTER (end with code 7 after as many requests). POST /reset sets the number of requests back,
POST /broken answers 500, GET /count says the number.
"""

import asyncio
import hashlib
import os
import sys
import time

WORK = int(os.environ.get("WORK", "0"))
FAULT = os.environ.get("FAULT", "")
DIE_AFTER = int(os.environ.get("DIE_AFTER", "0"))
BALLAST = b"x" * (int(os.environ.get("BALLAST", "0")) * 1_000_000)


class Conversation(asyncio.Protocol):
    """One connection; every request comes in one piece, as small ones do."""

    count = 0

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        status, body = answer(*data.split(b" ", 2)[:2])
        self.transport.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


def answer(method, path):
    if path == b"/count":
        return b"200 OK", str(Conversation.count).encode()
    if path == b"/broken":
        return b"500 Broken", b""
    if path == b"/reset" and method == b"POST":
        Conversation.count = 0
        return b"200 OK", b""
    Conversation.count += 1
    if Conversation.count == DIE_AFTER:
        print("the last straw", flush=True)
        os._exit(7)
    if WORK:
        hashlib.pbkdf2_hmac("sha256", b"perfgate", b"salt", WORK)
    if FAULT == "flood":
        print("x" * 10_000, flush=True)
    return (b"503 Busy", b"") if FAULT == "busy" else (b"200 OK", b"hello")


async def serve():
    server = await asyncio.get_running_loop().create_server(Conversation, "0.0.0.0", int(os.environ["PORT"]))
    print("listening", flush=True)
    await server.serve_forever()


if FAULT == "exit":
    for number in range(60):
        print(f"line {number}", file=sys.stderr, flush=True)
    sys.exit(3)
if FAULT == "deaf":
    print("I am not listening", flush=True)
    time.sleep(3600)
asyncio.run(serve())
