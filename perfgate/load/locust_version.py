"""Whether Locust is installed, and which: it comes with an extra, and only child processes import it."""

from __future__ import annotations

from perfgate.extras import require

LOCUST = "locust"
"""The name of the engines that need Locust: of locustfiles, and of our own scenarios on other machines."""


def require_locust() -> None:
    """UsageError where Locust is missing."""
    require(LOCUST, "locust", "the engine locust needs Locust, which is not installed")


def locust_version() -> str:
    """Like "2.47.0"; of a Locust that is installed."""
    from importlib import metadata  # not for who only asks for --help

    return metadata.version(LOCUST)
