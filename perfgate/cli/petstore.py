"""`perfgate petstore`: the embedded petstore in the foreground."""

from __future__ import annotations

import click


@click.command(epilog="\b\nExample:\n  perfgate petstore --port 8080 --slow 10%")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port  [default: chosen by the system]")
@click.option("--work", metavar="2ms", help="CPU time that every request costs besides.")
@click.option("--slow", metavar="10%", help="Extra CPU of every request.")
@click.option("--latency", metavar="5ms", help="Extra wait of every request.")
@click.option("--errors", metavar="1%", help="Share of requests that answer 500.")
@click.option("--tail", metavar="3%", help="Share of requests that take three times the CPU.")
@click.option("--warmup", metavar="20s", help="Twice the CPU at first, falling to none more over so much time.")
@click.option("--seed", metavar="N", help="Of all random choices  [default: 0]")
def petstore(host: str, port: int, **injections: str | None) -> None:
    """Serve the embedded petstore until Ctrl-C: Swagger Petstore v3, with injections to try a gate on."""
    from perfgate.petstore.injections import parse_injections
    from perfgate.petstore.server import serve

    given = [(name, text) for name, text in injections.items() if text is not None]
    serve(host, port, parse_injections(given, "--"), lambda url: click.echo(f"The petstore listens at {url}"))
