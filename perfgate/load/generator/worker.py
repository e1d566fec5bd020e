"""A generator worker: a process of its own that plays its share of every round.

Started as `python -m perfgate.load.generator.worker`; see perfgate.load.processes for how it is talked to.
"""

from __future__ import annotations

from gevent import monkey


def main() -> None:
    """Serve one parent until it closes the pipe."""
    # Scenarios may use any library that waits. Only this process is patched, before anything that waits is imported.
    monkey.patch_all()
    from perfgate.load.generator.worker_loop import serve
    from perfgate.load.processes.parent import run_child

    run_child(serve)


if __name__ == "__main__":
    main()
