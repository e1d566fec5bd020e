"""The fifth schema: where the time of requests went, and how long readers of streams waited for events."""

from __future__ import annotations

STATEMENTS: tuple[str, ...] = (
    """
CREATE TABLE timings (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  scenario TEXT NOT NULL,
  request TEXT NOT NULL,          -- a request name, or '' for the whole scenario
  metric TEXT NOT NULL,           -- http_req_blocked, ..._connecting, ..._sending, ..._waiting, sse_event_waiting
  count INTEGER,                  -- how many had any of it; of sse_event_waiting the events; NULL where not known
  avg_ms REAL,
  med_ms REAL,
  p95_ms REAL,
  p99_ms REAL,
  max_ms REAL,
  PRIMARY KEY (run_id, scenario, request, metric)
) WITHOUT ROWID
""",
)
