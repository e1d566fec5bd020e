"""The GitHub Actions job that a command runs in: its log, its reports, and the connection to GitHub.

The commands take `job` (job_here: reports and outputs of the job, or none outside of one), `posting` (a connection, and
the report as long as a comment may be) and `workflow_log` (strangers' words, printed where a line can be a command).
"""
