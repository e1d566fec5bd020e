"""A generator worker: a process of its own that plays its share of every round.

Started as `python -m perfgate.load.generator.worker`.

Commands come in on standard input and answers go out on what was standard output, one JSON object a line. The end of
the input is the end of the worker, so none outlives its parent. What scenarios print goes to standard error.
"""

from __future__ import annotations

import os

from gevent import monkey


def main() -> None:
    """Serve one parent until it closes the pipe."""
    # Scenarios may use any library that waits. Only this process is patched, before anything that waits is imported.
    monkey.patch_all()
    from perfgate.load.generator.worker_loop import serve

    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    serve(os.dup(0), answers)
    os._exit(0)  # requests that still wait are not waited for


if __name__ == "__main__":
    main()
