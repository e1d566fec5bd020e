"""The GitHub Actions job that a command runs in: its log, its reports, and the connection to GitHub."""
