"""GitHub: its side of an Actions job and of a pull request. It knows nothing of measurements: callers hand in texts.

Others take: `event` (the event file of a job), `commands` (annotations and folds in the log), `runner_files` (summary
and outputs), `api` (the REST interface and its faults), `comment` (the one comment of a pull request), `sections` (its
parts, and its LIMIT), `issues` (those that are kept, opened once and closed with a word)
and `pulls` (the pull request that a fork's workflow measured).

Nothing here prints or reads the environment: session, clock and sleep are handed in.
"""
