"""The fourth schema: what counters and Server-Timing say of a request."""

from __future__ import annotations

STATEMENTS: tuple[str, ...] = (
    """
CREATE TABLE counters (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  scenario TEXT NOT NULL,
  request TEXT NOT NULL,          -- a request name, or '' for the whole scenario
  metric TEXT NOT NULL,           -- counter, server_timing (ms) or server_timing_count
  name TEXT NOT NULL,             -- of the counter, or of the entry in Server-Timing
  value REAL NOT NULL,            -- per request; of a gauge as it is
  PRIMARY KEY (run_id, scenario, request, metric, name)
) WITHOUT ROWID
""",
)
