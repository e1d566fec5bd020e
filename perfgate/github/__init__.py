"""GitHub: what an Actions job is told, and what it tells back.

event reads the event file; commands and runner_files are what a job says to the runner: annotations, folds, summary,
outputs; api asks GitHub's REST interface and knows its faults; comment keeps the one comment of a pull request; pulls
finds the pull request that a fork's workflow measured. Nothing here prints or reads the environment: session, clock and
sleep are handed in.
"""
