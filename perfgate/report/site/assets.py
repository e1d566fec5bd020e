"""What all pages of a site share: the style, the scripts, and the library that draws, each once."""

from __future__ import annotations

from importlib.resources import files

from perfgate.report.page.document import read_asset

_SCRIPTS = ("format.js", "histogram.js", "window.js", "run.js", "scenario.js")


def style() -> str:
    """The style: that of all our pages, and what a site has besides."""
    return read_asset("page.css") + _read("site.css")


def script() -> str:
    """The script of a scenario's page, with that of all our pages before it."""
    return read_asset("page.js") + "".join(map(_read, _SCRIPTS))


def library() -> str:
    """Vega with Vega-Lite and what embeds them. It takes a second to bundle."""
    import vl_convert

    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
