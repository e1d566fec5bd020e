"""The tables of a comment, which GitHub shows some 800 pixels wide: nobody scrolls sideways for a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from perfgate.compare.comparison import Comparison
from perfgate.report import numbers
from perfgate.report.tables import Cell, Column, Table, comparison_table, summary_table
from perfgate.verdict import ScenarioSummary

_WHERE = Column("where", figures=False)
_BASE_TO_HEAD = Column("base → head", figures=True)


def narrow_comparison(rows: Sequence[Comparison], notes: Sequence[str]) -> Table:
    """As `comparison_table`, with base and head in one column, and without what each row would only repeat.

    The request says where a row belongs, or the scenario where a row is about the whole of it; both do where two
    scenarios have the same request. The margin is said once, unless it differs from row to row.
    """
    table = comparison_table(rows, notes)
    margins = _common_margins(rows)
    alike = _share_a_request(rows)
    lines = []
    for scenario, request, metric, base, head, change, interval, margin, verdict in table.rows:
        places = (scenario, request) if alike else (request if request.text else scenario,)
        values = Cell(_from_to(base.text, head.text))
        lines.append((*places, metric, values, change, interval, *[margin] * (not margins), verdict))
    scenario_title, request_title, metric_title, _, _, change_title, interval_title, margin_title, verdict_title = (
        table.columns
    )
    columns = (
        *((scenario_title, request_title) if alike else (_WHERE,)),
        metric_title,
        _BASE_TO_HEAD,
        change_title,
        interval_title,
        *[margin_title] * (not margins),
        verdict_title,
    )
    remark = f"{margins} {table.remark}".strip()
    return Table(columns, tuple(lines), remark)


def _share_a_request(rows: Sequence[Comparison]) -> bool:
    places = {(row.row.scenario, row.row.request) for row in rows if row.row.request is not None}
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
    table = summary_table(lines)
    if table.columns[1].title != "request":
        return table
    rows = tuple((request if request.text else scenario, *rest) for scenario, request, *rest in table.rows)
    return replace(table, columns=(table.columns[0], *table.columns[2:]), rows=rows)
