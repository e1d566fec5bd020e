"""The environment variables of commands beside a service: its seed, teardown, reset, and those of counters."""

from __future__ import annotations

from collections.abc import Mapping

from perfgate.service.placeholders import PORT, fill_variables
from perfgate.service.settings import LaunchContext, ServiceSettings
from perfgate.tokens import without_tokens


def variables_of(settings: ServiceSettings, values: Mapping[str, str]) -> dict[str, str]:
    """Those of the service itself. values: of placeholders; without a port there is no PORT."""
    port = {PORT.upper(): values[PORT]} if PORT in values else {}
    return {**port, **fill_variables(settings.env, values)}


def all_variables(context: LaunchContext, values: Mapping[str, str]) -> dict[str, str]:
    """All that a command gets outside of a side's tree: this process's, without tokens, and those of the service."""
    return {**without_tokens(context.environment), **variables_of(context.settings, values)}
