"""`python -m perfgate.petstore`: the petstore as a child process; its one line of output is its URL."""

from __future__ import annotations

import argparse
import sys

from perfgate.errors import PerfgateError
from perfgate.petstore.injections import parse_injections
from perfgate.petstore.server import serve

_INJECTIONS = ("work", "slow", "latency", "errors", "tail", "warmup", "seed")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m perfgate.petstore", description="The embedded petstore.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: chosen by the system)")
    parser.add_argument("--work", help="CPU time that every request costs besides, like 2ms")
    parser.add_argument("--slow", help="extra CPU of every request, like 10%%")
    parser.add_argument("--latency", help="extra wait of every request, like 5ms")
    parser.add_argument("--errors", help="share of requests that answer 500, like 1%%")
    parser.add_argument("--tail", help="share of requests that take three times the CPU, like 3%%")
    parser.add_argument("--warmup", help="twice the CPU at first, falling to none more over so much time, like 20s")
    parser.add_argument("--seed", help="of all random choices (default: 0)")
    parser.add_argument("--lifeline", action="store_true", help="end when standard input ends")
    return parser


def _announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    given = [(name, getattr(options, name)) for name in _INJECTIONS if getattr(options, name) is not None]
    try:
        injections = parse_injections(given, "--")
        serve(options.host, options.port, injections, _announce, sys.stdin.fileno() if options.lifeline else None)
    except PerfgateError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n" if error.hint else f"{error.message}\n")
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
