"""Where each file of a site lies, and the file names that scenarios get."""

from __future__ import annotations

import re
from collections.abc import Iterable

INDEX = "index.html"
FEED = "feed.xml"
BADGE = "badge.svg"
RUNS = "data/runs.js"
STYLE = "assets/site.css"
SCRIPT = "assets/site.js"
LIBRARY = "assets/vega.js"

_LONGEST = 60
# What the folder of the values has beside those of scenarios.
_TAKEN = ("runs",)
_OTHERS = re.compile(r"[^a-z0-9_]+")


def page_of(slug: str) -> str:
    """The page of a scenario."""
    return f"scenarios/{slug}.html"


def series_of(slug: str) -> str:
    """The values of all its runs."""
    return f"data/{slug}.js"


def latencies_of(slug: str, part: int) -> str:
    """The response times of some of its runs; part: which, from 0."""
    return f"data/{slug}.{part}.js"


def badge_of(slug: str) -> str:
    """Its badge."""
    return f"badges/{slug}.svg"


def slugs_of(scenarios: Iterable[str]) -> dict[str, str]:
    """A file name for each scenario, by its name: of letters, digits, "-" and "_", and each only once.

    It depends on the other names only where two would read the same.
    """
    taken = {*_TAKEN}
    slugs = {}
    for scenario in sorted(scenarios):
        plain = _OTHERS.sub("-", scenario.lower())[:_LONGEST].strip("-") or "scenario"
        slug, number = plain, 1
        while slug in taken:
            number += 1
            slug = f"{plain}-{number}"
        taken.add(slug)
        slugs[scenario] = slug
    return slugs
