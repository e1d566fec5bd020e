"""`perfgate site`: the history as a static site."""

from __future__ import annotations

import time
from pathlib import Path

import click

from perfgate.application.context import Context
from perfgate.cli.options import FILE, config_option, history_option, with_context

_EPILOG = """\
\b
Examples:
  perfgate site public
  perfgate site public --url https://octo.github.io/pets/
"""


@click.command(epilog=_EPILOG)
@click.argument("folder", metavar="DIR", type=FILE)
@click.option("--branch", help="Whose runs  [default: the default branch, or that of the newest run]")
@click.option("--url", metavar="URL", help="Where the site will be published, for the links of its feed.")
@click.option("--commit-url", metavar="URL", help="Of a commit, with {sha}  [default: from the remote on GitHub]")
@config_option
@history_option
@with_context
def site(
    context: Context,
    folder: Path,
    branch: str | None,
    url: str | None,
    commit_url: str | None,
    config: Path | None,
    history: Path | None,
) -> None:
    """Write the history as a static site into DIR: a new or empty folder, or one with a site, which is replaced.

    Its first page has every scenario on every testbed with its last verdict. Each scenario has a page with its rows
    over all runs, its change points, and the response times of one run. The site works from disk and fetches nothing
    from elsewhere. badge.svg and badges/ are for a README, feed.xml tells of change points. Runs are those that
    `perfgate trend` shows. It needs an extra: pip install 'perfgate[chart]'.
    """
    from perfgate.application.site.writing import SiteChoice, write_site
    from perfgate.application.trend_query import commit_url_of
    from perfgate.config.reading import load_config
    from perfgate.report.page.document import require
    from perfgate.report.site.address import checked_address

    require()
    address = checked_address(url)
    loaded = load_config(config, context.folder)
    began = time.monotonic()
    choice = SiteChoice(branch, commit_url_of(context, commit_url), address, history)
    written = write_site(context, loaded, choice, folder)
    took = time.monotonic() - began
    counted = ((written.runs, "run"), (written.scenarios, "scenario"))
    runs, scenarios = (f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in counted)
    click.echo(f"{folder / 'index.html'}: {runs} of {scenarios}, {written.size / 1e6:.1f} MB in {took:.1f} s")
