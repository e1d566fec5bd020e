"""One HTML file from what a page shows, with its own policy: its script alone runs, and nothing is fetched.

Whatever comes from outside is escaped where it stands: as HTML in the text, without "<" in the JSON.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from perfgate import extras
from perfgate.report.charts.theme import theme

_MARK = re.compile(r"\[\[(\w+)\]\]")
_JSON_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Body:
    """What a reader sees, as HTML.

    heading: of the page.
    header: below the heading, before all charts.
    main: all else.
    footer: how to read it, and where it was measured.
    """

    heading: str
    header: str
    main: str
    footer: str


def require() -> None:
    """UsageError where the libraries for charts are not installed. Imports none: that takes a third of a second."""
    for module in ("altair", "vl_convert"):
        extras.require(module, "chart", f"charts need {module}, which is not installed")


def document(title: str, body: Body, scripts: Sequence[str], charts: Mapping[str, Any]) -> str:
    """The page.

    title: as plain text.
    scripts: the names of the files with the page's own scripts, which run after that of all pages.
    charts: specifications in Vega-Lite for the scripts, by their names.
    """
    code = _bundle(tuple(scripts))
    filled = {
        "policy": _policy(code),
        "title": escape(title),
        "style": read_asset("page.css"),
        "heading": body.heading,
        "header": body.header,
        "main": body.main,
        "footer": body.footer,
        "charts": charts_as_json(charts),
        "script": code,
    }
    # In one pass: what is put in is not looked through for marks again.
    return _MARK.sub(lambda mark: filled[mark[1]], read_asset("page.html"))


@cache
def _bundle(scripts: tuple[str, ...]) -> str:
    """The page's scripts with that of all pages and the library that draws their charts."""
    import vl_convert

    return str(vl_convert.javascript_bundle("".join(map(read_asset, ("page.js", *scripts)))))


def read_asset(name: str) -> str:
    """A style or a script of all pages."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:"


def charts_as_json(charts: Mapping[str, Any]) -> str:
    """What the script of all pages reads: the charts by their names, and their looks in light and dark."""
    plain = {
        "light": theme(dark=False) | {"background": "transparent"},
        "dark": theme(dark=True),
        "panels": {name: _packed(chart) for name, chart in charts.items()},
    }
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_JSON_ESCAPES)


def _packed(chart: Mapping[str, Any]) -> dict[str, Any]:
    """The chart, its records as rows below the names of their fields: half as large. The script unpacks them."""
    packed = dict(chart)
    if "values" in chart.get("data", {}):
        packed["data"] = {**chart["data"], "values": _rows(chart["data"]["values"])}
    if "datasets" in chart:
        packed["datasets"] = {name: _rows(records) for name, records in chart["datasets"].items()}
    return packed


def _rows(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    fields = list(records[0]) if records else []
    return {"fields": fields, "rows": [[record[field] for field in fields] for record in records]}
