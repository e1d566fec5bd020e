"""What placeholders stand for while a service runs."""

from __future__ import annotations

from perfgate.service.dependencies.shared_dependency import values_beside
from perfgate.service.dependencies.stack_instance import StackInstance
from perfgate.service.placeholders import URL
from perfgate.service.service import Service
from perfgate.service.settings import LaunchContext


def known_values(service: Service, context: LaunchContext) -> dict[str, str]:
    """The values by the names of the placeholders, as processes on this machine see them."""
    if isinstance(service.instance, StackInstance):
        return {**service.instance.values, URL: service.instance.url}
    return {**values_beside(context), URL: service.instance.url}
