"""One HTML file from a template and its parts, with its own policy: its script alone runs, and nothing is fetched.

Whatever comes from outside is escaped where it stands: as HTML in the text, without "<" in the JSON.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from perfgate.extras import missing
from perfgate.report.page.theme import theme

_MARK = re.compile(r"\[\[(\w+)\]\]")
_JSON_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def require() -> None:
    """UsageError where the libraries for charts are not installed."""
    try:
        import altair
        import vl_convert
    except ImportError as error:
        raise missing("chart", f"charts need {error.name}, which is not installed") from None
    del altair, vl_convert


def document(package: str, name: str, title: str, parts: Mapping[str, str], charts: Mapping[str, Any]) -> str:
    """The page.

    package: where its template `name`.html and its script `name`.js lie; `name`.css adds to the style, if it is there.
    title: as plain text.
    parts: HTML for the marks of the template.
    charts: specifications in Vega-Lite for its script, by the id of the place where each is drawn.
    """
    script = _bundle(package, name)
    own_style = _read(package, f"{name}.css") if files(package).joinpath(f"{name}.css").is_file() else ""
    filled = {
        **parts,
        "policy": _policy(script),
        "title": escape(title),
        "style": _read(__package__, "page.css") + own_style,
        "charts": _as_json(charts),
        "script": script,
    }
    # In one pass: what is put in is not looked through for marks again.
    return _MARK.sub(lambda mark: filled[mark[1]], _read(package, f"{name}.html"))


@cache
def _bundle(package: str, name: str) -> str:
    """The page's script with that of all pages and the library that draws their charts."""
    import vl_convert

    return str(vl_convert.javascript_bundle(_read(__package__, "page.js") + _read(package, f"{name}.js")))


def _read(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:"


def _as_json(charts: Mapping[str, Any]) -> str:
    plain = {
        "light": theme(dark=False) | {"background": "transparent"},
        "dark": theme(dark=True),
        "panels": charts,
    }
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_JSON_ESCAPES)
