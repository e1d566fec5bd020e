"""The tables and views of a history, as ordered migrations on `PRAGMA user_version`.

All keys are natural (a run's id, the names of scenario and request, a testbed's fingerprint), so the union of two
histories is the union of their rows. Whatever belongs to a run alone is in `runs`, not in `testbeds`: the kernel and
the runner image change between runs on one testbed. There is no index but the keys: each is bytes in git with every
run, and with 10,000 runs a comparison, a list of the newest and `latest` take less than a second without one. Only what
asks for all of them (the whole of `trend`, `runs()` without a limit) takes 1.1 s.

What a run adds to a git repository, measured: 300 commits of four scenarios with five request names, 20,000 latencies
each, saved after each of five rounds, then `git gc`. Of these bytes a third are whole copies of older files, which git
keeps wherever its chains of differences get too long.

    3.3 KB   as it is: a packed histogram in the row of each request name, tables WITHOUT ROWID
    3.3 KB   one blob for each scenario          3.1 KB   one for each run          1.8 KB   no histograms
    4.2 KB   blobs by zlib, of each request name or of each scenario; 4.1 KB of each run
    3.5 KB   `results` with a rowid              3.6 KB   without PRAGMA secure_delete (see perfgate.history.opening)
    3.6 KB   pages of 1,024 bytes                3.2 KB   of 8,192

Over 1,000 commits (10,000 latencies each) it is 4.0 KB. A blob for each run would save 5 % and a reader could no longer
take a row for itself.

A migration that has landed is never edited: whoever wants another schema appends one.
"""

from __future__ import annotations

import sqlite3

# "pgat" in ASCII: tells a history from the SQLite databases of other programs.
APPLICATION_ID = 0x70676174

_FIRST = (
    f"PRAGMA application_id = {APPLICATION_ID}",
    """
CREATE TABLE testbeds (
  id TEXT PRIMARY KEY NOT NULL,   -- fingerprint: equal on equal machines
  cpu_model TEXT NOT NULL,
  cores INTEGER NOT NULL,
  memory_bytes INTEGER NOT NULL   -- the least that a run there saw
) WITHOUT ROWID
""",
    """
CREATE TABLE runs (
  id TEXT PRIMARY KEY NOT NULL,   -- UUID version 7: sorts by age
  started_at TEXT NOT NULL,       -- UTC, ISO 8601
  finished INTEGER NOT NULL,      -- 0: it was killed or interrupted, and what it had measured is here
  command TEXT NOT NULL,          -- run, duet, gate
  side TEXT NOT NULL,             -- base or head of a duet, '' without one
  duet TEXT NOT NULL,             -- shared by both sides of a duet, '' without one
  target TEXT NOT NULL,           -- what load was sent to
  commit_sha TEXT NOT NULL,       -- '' where unknown, and so the branch
  branch TEXT NOT NULL,
  dirty INTEGER NOT NULL,         -- 1: the work tree had changes that were not committed
  testbed_id TEXT NOT NULL REFERENCES testbeds (id),
  kernel TEXT NOT NULL,
  image TEXT NOT NULL,            -- of the runner
  versions TEXT NOT NULL,         -- JSON: {"perfgate": "1.0.0", ...}
  seed TEXT NOT NULL,             -- a whole number of any size
  cpus TEXT NOT NULL              -- JSON: {"generator": [0], "service": [1]}
) WITHOUT ROWID
""",
    """
CREATE TABLE results (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  scenario TEXT NOT NULL,
  request TEXT NOT NULL,          -- a request name, or '' for the whole scenario
  seconds REAL NOT NULL,          -- of load, warm-up left out
  requests INTEGER NOT NULL,
  failed INTEGER NOT NULL,        -- requests without an answer of 200 to 399
  retries INTEGER NOT NULL,
  avg_ms REAL,                    -- http_req_duration of the requests that succeeded; NULL where none did
  min_ms REAL,
  med_ms REAL,
  max_ms REAL,
  p90_ms REAL,
  p95_ms REAL,
  p99_ms REAL,
  errors TEXT,                    -- JSON: {"status 500": 12}; NULL where nothing failed
  -- from here on of the whole scenario: NULL with a request name
  scenario_hash TEXT,             -- of its source, data and load profile
  executor TEXT,
  engine TEXT,
  clock TEXT,                     -- kernel or process: what stopped the measurements
  rounds INTEGER,
  invalid_rounds INTEGER,         -- left out of all other numbers, unless every round was invalid
  vus INTEGER,
  vus_max INTEGER,
  iterations INTEGER,
  interrupted_iterations INTEGER,
  dropped_iterations INTEGER,
  iteration_avg_ms REAL,
  iteration_med_ms REAL,
  iteration_p95_ms REAL,
  checks_passed INTEGER,
  checks_failed INTEGER,
  data_sent_bytes INTEGER,
  data_received_bytes INTEGER,
  service_cpu_ms REAL,            -- CPU time of the service per request; NULL where it could not be had
  service_memory_bytes INTEGER,   -- the peak
  thresholds_passed INTEGER,
  thresholds_total INTEGER,
  warnings TEXT,                  -- JSON: what a reader should know; NULL where nothing
  problems TEXT,                  -- JSON: why rounds were invalid; NULL where none was
  -- and of a request name alone
  histogram BLOB,                 -- the latencies behind avg_ms to p99_ms at 1 % precision (perfgate.history.packed)
  PRIMARY KEY (run_id, scenario, request)
) WITHOUT ROWID
""",
    """
CREATE VIEW trend AS
SELECT
  strftime('%Y-%m-%dT%H:%M:%SZ', runs.started_at) AS started_at,
  runs.branch,
  substr(runs.commit_sha, 1, 8) AS commit_sha,
  whole.scenario,
  coalesce(named.request, '') AS request,
  coalesce(named.requests, 0) AS requests,
  round(100.0 * named.failed / named.requests, 2) AS failed_percent,
  round(named.avg_ms, 2) AS avg_ms,
  round(named.med_ms, 2) AS med_ms,
  round(named.p95_ms, 2) AS p95_ms,
  round(named.requests / nullif(whole.seconds, 0), 1) AS requests_per_s,
  whole.vus_max,
  round(whole.service_cpu_ms, 2) AS service_cpu_ms,
  CASE whole.thresholds_total
    WHEN 0 THEN '' ELSE whole.thresholds_passed || '/' || whole.thresholds_total END AS thresholds,
  ltrim(
    CASE runs.side WHEN '' THEN '' ELSE ', ' || runs.side || ' of a duet' END
    || CASE runs.dirty WHEN 1 THEN ', uncommitted changes' ELSE '' END
    || CASE runs.finished WHEN 0 THEN ', not finished' ELSE '' END
    || CASE whole.invalid_rounds
         WHEN 0 THEN '' ELSE ', ' || whole.invalid_rounds || ' of ' || whole.rounds || ' rounds invalid' END
    || CASE whole.requests WHEN 0 THEN ', measured nothing' ELSE '' END,
    ', '
  ) AS note,
  runs.id AS run_id
FROM runs
JOIN results AS whole ON whole.run_id = runs.id AND whole.request = ''
LEFT JOIN results AS named
  ON named.run_id = whole.run_id AND named.scenario = whole.scenario AND named.request <> ''
ORDER BY runs.started_at, runs.id, whole.scenario, named.request
""",
    """
CREATE VIEW latest AS
SELECT trend.*
FROM trend
JOIN (
  SELECT results.scenario, runs.branch, max(runs.id) AS run_id
  FROM runs
  JOIN results ON results.run_id = runs.id AND results.request = ''
  WHERE runs.finished AND runs.side <> 'base'
  GROUP BY results.scenario, runs.branch
) AS newest
  ON newest.run_id = trend.run_id AND newest.scenario = trend.scenario
ORDER BY trend.branch, trend.scenario, trend.request
""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST,)
VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """How many migrations the file has seen; 0 of an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an older or empty file to this schema in one transaction; a file of this schema is not touched.

    The connection must be in autocommit mode. Two processes may do this at once: one waits for the other.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(version_of(connection), VERSION):
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise
