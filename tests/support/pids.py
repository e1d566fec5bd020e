"""The process of a service."""

from __future__ import annotations

from perfgate.service.own_service import OwnService
from perfgate.service.processes.process import ServiceProcess


def pid_of(service: OwnService) -> int:
    """The process id of the instance that runs now."""
    assert isinstance(service.instance, ServiceProcess)
    return service.instance.pid
