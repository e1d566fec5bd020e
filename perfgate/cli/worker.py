"""`perfgate worker`: lend this machine to a run on many machines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from perfgate.cli.options import DURATION, FILE, option


class MachineType(click.ParamType[tuple[str, int]]):
    """Host and port, written like 10.0.0.1 or 10.0.0.1:5557."""

    name = "machine"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        from perfgate.load.machines.protocol import place_of

        if isinstance(value, tuple):
            return value
        try:
            return place_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command(epilog="\b\nExample:\n  perfgate worker --master 10.0.0.1 --scenarios scenarios")
@option(
    "--master",
    type=MachineType(),
    required=True,
    metavar="HOST[:PORT]",
    help="The machine that runs perfgate run or duet, with --engine locust and --workers.",
)
@option(
    "--scenarios",
    type=FILE,
    default=Path("scenarios"),
    metavar="DIR",
    help="This machine's copy of the scenario files  [default: scenarios]",
)
@option(
    "--wait",
    type=DURATION,
    default="5m",
    metavar="5m",
    help="How long to look for the master  [default: 5m]",
)
def worker(master: tuple[str, int], scenarios: Path, wait: float) -> int:
    """Lend this machine to a run on many machines, until that run is over.

    One worker uses one CPU: start one for each. Locust's master and workers are underneath; the port of the master must
    be reachable by machines that you trust alone.
    """
    from perfgate.errors import ExitCode
    from perfgate.load.machines.join import join
    from perfgate.load.machines.messages import JoinRequest

    host, port = master
    join(JoinRequest(host, port, scenarios, wait), lambda news: click.echo(news, err=True))
    return ExitCode.PASS
