"""What margins and acceptances may be about: metrics and statistics that have rows, so that none gates nothing."""

from __future__ import annotations

from typing import Any

from perfgate.compare.rows import COMPARED
from perfgate.errors import nearest
from perfgate.metrics.catalogue import METRICS, metric_of, name_in


def metric_name(value: Any) -> str:
    """One of the catalogue's metrics, also with a name ("dependency_cpu{name:postgres}"); or ValueError."""
    if value not in METRICS and not (isinstance(value, str) and name_in(value)):
        meant = nearest(value, METRICS)
        raise ValueError(f"there is no metric {value!r}" + (f"; did you mean {meant!r}?" if meant else ""))
    return str(value)


def check_has_rows(metric: str | None, stat: str | None, request: str | None) -> None:
    """ValueError where base and head are compared by no such row; None is any."""
    of_metric = {name: one for name, one in COMPARED.items() if metric is None or metric_of(metric).name == name}
    if not of_metric:
        raise ValueError(f"{metric} is not compared between base and head; a threshold in the scenario can limit it")
    of_stat = [one for one in of_metric.values() if stat is None or stat in one.stats]
    if not of_stat:
        stats = list(dict.fromkeys(name for one in of_metric.values() for name in one.stats))
        meant = nearest(stat or "", stats)
        who, hint = f"{metric} is" if metric else "rows are", f"; did you mean {meant!r}?" if meant else ""
        raise ValueError(f"{who} compared by {', '.join(stats)}, not by {stat!r}{hint}")
    if request is not None and not any(one.of_requests for one in of_stat):
        what = " ".join(filter(None, (metric, stat)))
        raise ValueError(f"{what} is compared for whole scenarios, not for one request: leave request out")
