"""Trends of one branch as reports: tables, charts, a file, and a part of a verdict's report.

Others take: `trends` (the values), `table` (terminal and markdown), `chart` (images, and what a page draws),
`trend_file` (JSON), `fold` (what a verdict's report folds in), `slowdown` and `release_issue` (texts of issues),
`slowdown_memory` (what an issue remembers) and `commit_link`.

panels holds what charts draw, drawing draws it with Altair; mermaid draws for GitHub, sparkline in one line of text.
"""
