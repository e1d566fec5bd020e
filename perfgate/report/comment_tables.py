"""The tables of a comment, which GitHub shows some 800 pixels wide: nobody scrolls sideways for a verdict."""

from __future__ import annotations

from collections.abc import Sequence

from perfgate.compare.comparison import Comparison
from perfgate.report import numbers
from perfgate.report.cells import Cell, Column, Table, numeric, table_of, words
from perfgate.report.tables import (
    BASE,
    CHANGE,
    HEAD,
    INTERVAL,
    MARGIN,
    METRIC,
    REQUEST,
    SCENARIO,
    name_cell,
    smallest_changes,
    summary_columns,
    summary_lines,
    verdict_column,
)
from perfgate.verdict import ScenarioSummary

_WHERE: Column[Comparison] = words(
    "where", lambda comparison: name_cell(comparison.row.request or comparison.row.scenario)
)
_BASE_TO_HEAD: Column[Comparison] = numeric(
    "base → head", lambda row: Cell(_from_to(BASE.cell_of(row).text, HEAD.cell_of(row).text))
)
_NAME: Column[ScenarioSummary] = words("scenario", lambda line: name_cell(line.request or line.scenario))


def narrow_comparison(rows: Sequence[Comparison], notes: Sequence[str]) -> Table:
    """As `comparison_table`, with base and head in one column, and without what each row would only repeat.

    The request says where a row belongs, or the scenario where a row is about the whole of it; both do where two
    scenarios have the same request. The margin is said once, unless it differs from row to row.
    """
    margins = _common_margins(rows)
    columns = (
        *((SCENARIO, REQUEST) if _share_a_request(rows) else (_WHERE,)),
        METRIC,
        _BASE_TO_HEAD,
        CHANGE,
        INTERVAL,
        *(() if margins else (MARGIN,)),
        verdict_column(notes),
    )
    return table_of(columns, rows, f"{margins} {smallest_changes(rows)}".strip())


def _share_a_request(rows: Sequence[Comparison]) -> bool:
    places = {
        (comparison.row.scenario, comparison.row.request) for comparison in rows if comparison.row.request is not None
    }
    return len({request for _, request in places}) < len(places)


def _common_margins(rows: Sequence[Comparison]) -> str:
    """ "Margin: 5 %, of a share 0.5 pp." where all rows of a kind have the same; "" where they differ."""
    ratios = {numbers.margin(row) for row in rows if not numbers.is_difference(row)}
    shares = {numbers.margin(row) for row in rows if numbers.is_difference(row)}
    if len(ratios) > 1 or len(shares) > 1:
        return ""
    said = (*ratios, *(f"of a share {share}" for share in shares))
    return f"Margin: {', '.join(said)}." if said else ""


def _from_to(base: str, head: str) -> str:
    """ "12.3 → 16.2 ms": the unit once where both have the same."""
    for end in (base[base.rfind(" ") :] if " " in base else "", "/s"):
        if end and base.endswith(end) and head.endswith(end):
            return f"{base.removesuffix(end)} → {head}"
    return f"{base} → {head}"


def narrow_summary(lines: Sequence[ScenarioSummary]) -> Table:
    """As `summary_table`, each request name below its scenario instead of beside it."""
    shown = summary_lines(lines)
    return table_of((_NAME, *summary_columns(shown)), shown)
