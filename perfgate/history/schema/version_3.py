"""The third schema: what a service depends on, and what that costs."""

from __future__ import annotations

STATEMENTS: tuple[str, ...] = (
    """
CREATE TABLE dependencies (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  scenario TEXT NOT NULL,
  name TEXT NOT NULL,             -- of the program, image or compose service, or what perfgate.toml calls it
  cpu_ms REAL,                    -- its CPU time per request; NULL where it could not be had
  memory_bytes INTEGER,           -- the peak; NULL where it could not be had
  PRIMARY KEY (run_id, scenario, name)
) WITHOUT ROWID
""",
)
