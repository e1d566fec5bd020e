"""`[explain]` of perfgate.toml: the profiler that tells why head is slower."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perfgate.config.service_values import read_words, refuse_unknown_placeholders
from perfgate.config.toml_reader import TomlReader, read_duration
from perfgate.explain.profilers.command import PID, SECONDS
from perfgate.explain.settings import LEAST_SECONDS, MOST_SECONDS, ExplainSettings
from perfgate.units import format_seconds

EXPLAIN = ("command", "pprof", "seconds")


def read_explain(reader: TomlReader, table: Mapping[str, Any]) -> ExplainSettings:
    """The settings of the table."""
    default = ExplainSettings()
    command = reader.take("[explain] command", table.get("command"), read_words, default.command)
    refuse_unknown_placeholders(reader, "[explain] command", command, (PID, SECONDS), ())
    pprof = reader.take("[explain] pprof", table.get("pprof"), _page, default.pprof)
    return ExplainSettings(
        command, pprof, reader.take("[explain] seconds", table.get("seconds"), _seconds, default.seconds)
    )


def _page(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("/", "http://", "https://")):
        raise ValueError(f"{value!r} must be the path of a page of the service, or a URL")
    return value


def _seconds(value: Any) -> float:
    seconds = read_duration(value)
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise ValueError(
            f"{value!r} must lie between {format_seconds(LEAST_SECONDS)} and {format_seconds(MOST_SECONDS)}"
        )
    return seconds
